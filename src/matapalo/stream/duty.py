"""Duties: what a stream's process does beside following, each in a thread and a session of its own.

A duty that loses its session begins again after a while, and is never why the stream ends.
"""

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from matapalo.errors import StreamError
from matapalo.stream.database import Connection, connect

Say = Callable[..., None]
"""Tells what happens: `say("word", detail=…)`."""

_SHORTEST = 0.2


class Duty(ABC):
    """Something to do on a session, until told to stop."""

    name: str
    longest: float = 10.0
    """Seconds between two attempts, at most."""

    def __init__(self, url: str, say: Say) -> None:
        self._url = url
        self._say = say
        self._over = threading.Event()

    @abstractmethod
    def work(self, session: Connection) -> None:
        """Do it. To return is to be done; to raise is to try again."""

    def stop(self) -> None:
        """Have it end soon."""
        self._over.set()

    def run(self) -> None:
        """Do it, again after every failure."""
        wait = _SHORTEST
        while not self._over.is_set():
            try:
                with connect(self._url, application=f"matapalo {self.name}") as session:
                    self.work(session)
            except StreamError as trouble:
                self._say("trouble", duty=self.name, what=trouble.what)
            else:
                return
            self._over.wait(wait * random.uniform(0.5, 1))  # noqa: S311 - spreads attempts
            wait = min(2 * wait, self.longest)


@contextmanager
def on_duty(duties: Sequence[Duty]) -> Iterator[None]:
    """Have duties done while the block runs."""
    with ExitStack() as stack:
        for duty in duties:
            thread = threading.Thread(target=duty.run, name=duty.name, daemon=True)
            thread.start()
            stack.callback(thread.join)
        for duty in duties:
            stack.callback(duty.stop)
        yield
