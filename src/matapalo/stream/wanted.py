"""Whether a stream is wanted: the one who looks, and has the work begin and end accordingly.

row of matapalo.stream ──wanted──▶ Wanted ──begin──▶ whoever serves the stream
                       ◀──phase───        ──cut────▶
"""

import threading
from collections.abc import Callable

from matapalo.stream import alone, control
from matapalo.stream.bell import Bell
from matapalo.stream.database import Connection
from matapalo.stream.duty import Duty, Say
from matapalo.stream.names import Stream

Cut = Callable[[], None]
"""Ends what is being done, soon; from any thread."""

_LOOK = 0.5
"""Seconds between two looks at the row, where no notification comes."""


class Wanted(Duty):
    """Looks at the row, and holds the lock of the stream's work from its beginning to its end."""

    name = "wanted"
    longest = 1.0

    def __init__(self, url: str, stream: Stream, say: Say) -> None:
        super().__init__(url, say)
        self._stream = stream
        self._bell = Bell()
        self._change = threading.Condition()
        self._go = self._busy = self._locked = False
        self._cut: Cut | None = None
        self._news: dict[str, object] | None = None

    def begin(self) -> bool:
        """Wait until the stream is wanted; return False where the process is to end instead.

        From then on its process is at work, until `done`.
        """
        with self._change:
            self._change.wait_for(lambda: self._go or self._over.is_set())
            self._busy = not self._over.is_set()
            return self._busy

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than the stream is wanted."""
        with self._change:
            self._change.wait_for(lambda: not self._go or self._over.is_set(), seconds)

    def done(self) -> None:
        """Say that the work has ended."""
        with self._change:
            self._busy = False
            self._cut = self._news = None
        self._bell.ring()

    def doing(self, cut: Cut, **news: object) -> None:
        """Say how to end what is done now and, unless that says so itself, what it is."""
        with self._change:
            self._cut, self._news = cut, news or None
            if not self._go or self._over.is_set():
                cut()
        self._bell.ring()

    def stop(self) -> None:
        """Have everything end soon."""
        super().stop()
        self._tell_worker()
        self._bell.ring()

    def work(self, session: Connection) -> None:
        """Look at the row whenever it may have changed."""
        self._locked = False
        control.listen(session)
        while not self._over.is_set():
            self._look(session)
            self._bell.wait(session.pgconn.socket, _LOOK)

    def _look(self, session: Connection) -> None:
        wanted = control.is_wanted(session, self._stream)
        if wanted and not self._locked:
            self._locked = alone.take(session, self._stream)
        with self._change:
            busy, news = self._busy, self._news
            # One that lost the lock with its session goes on: so does what it is at.
            self._go = wanted and (self._locked or busy)
        self._tell_worker()
        if self._locked and not wanted and not busy:
            alone.give_back(session, self._stream)
            self._locked = False
        if news is not None:
            control.tell(session, self._stream, **news)

    def _tell_worker(self) -> None:
        with self._change:
            if self._cut and (not self._go or self._over.is_set()):
                self._cut()
            self._change.notify_all()
