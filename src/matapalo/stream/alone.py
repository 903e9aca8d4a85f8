"""Being the only one at work on a stream: a lock on its target, which dies with its session."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from matapalo.errors import StreamBusy
from matapalo.stream.database import Connection, answers
from matapalo.stream.names import Stream

_POLL = 0.02


def take(target: Connection, stream: Stream) -> bool:
    """Take the lock, until the session ends or gives it back; return whether it was free."""
    with answers(target):
        row = target.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_key(stream)]
        ).fetchone()
    return row == (True,)


def give_back(target: Connection, stream: Stream) -> None:
    """Let others have the lock."""
    with answers(target):
        target.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_key(stream)])


@contextmanager
def alone(target: Connection, stream: Stream, within: float) -> Iterator[None]:
    """Have nobody work on a stream while the block runs.

    Raises StreamBusy where whoever does has not ended after so many seconds.
    """
    deadline = time.monotonic() + within
    while not take(target, stream):
        if time.monotonic() > deadline:
            raise StreamBusy(f"the process of {stream} does not end", hint="End it, and try again.")
        time.sleep(_POLL)
    try:
        yield
    finally:
        if not target.closed:
            give_back(target, stream)


def _key(stream: Stream) -> str:
    return f"matapalo work {stream.on_server}"
