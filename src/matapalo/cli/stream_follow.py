"""Following from the command line: until a signal, or until all that is there now has come."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from matapalo.cli.stream_ends import Ends
from matapalo.cli.talk import say, say_line
from matapalo.stream import reverse
from matapalo.stream.follow import Orders
from matapalo.stream.lsn import written
from matapalo.stream.process import end_of_log, run


def follow(ends: Ends, *, until_now: bool, in_json: bool) -> None:
    """Follow, and tell what happens."""
    job = ends.job()
    orders = Orders()
    tell = as_json if in_json else _as_text
    if ends.reverse and (began := reverse.begin(job)) is not None:
        tell("begun", at=written(began))
    if until_now:
        orders.stop_at(end_of_log(job))
    with stopping(orders.stop):
        run(job, orders, tell)


@contextmanager
def stopping(end: Callable[[], None]) -> Iterator[None]:
    """End in an orderly way at Ctrl-C and SIGTERM; at the second Ctrl-C at once."""

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # A handler must not wait for a lock that the interrupted thread may hold.
        threading.Thread(target=end, daemon=True).start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def as_json(word: str, **details: object) -> None:
    """Print what happens, a line of JSON each."""
    say_line({"event": word, **details})


def _as_text(word: str, **details: object) -> None:
    say(" ".join([word, *(f"{name}={value}" for name, value in details.items())]))
