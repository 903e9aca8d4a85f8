"""Watching the stream's row: what it is asked becomes orders, what it does is written there."""

import os
import socket

from matapalo.stream.bell import Bell
from matapalo.stream.control import Wish, listen, tell, wish
from matapalo.stream.database import Connection
from matapalo.stream.duty import Duty, Say
from matapalo.stream.follow import Orders, Phase, State
from matapalo.stream.lsn import written
from matapalo.stream.names import Stream

_LOOK = 0.25
"""Seconds between two looks at the row, where no notification comes."""


class Watch(Duty):
    """Keeps the row and the stream in step."""

    name = "watch"

    def __init__(self, url: str, stream: Stream, orders: Orders, say: Say) -> None:
        super().__init__(url, say)
        self._stream = stream
        self._orders = orders
        self._bell = Bell()
        self._state = State(Phase.CONNECTING)
        self._wish = Wish()
        self._written: State | None = None

    def news(self, state: State) -> None:
        """Take note of what the stream does now; from the stream's own thread."""
        self._state = state
        self._bell.ring()

    def stop(self) -> None:
        """Have it end soon."""
        super().stop()
        self._bell.ring()

    def work(self, session: Connection) -> None:
        """Look at the row whenever it may have changed; write whenever there is news."""
        self._written = None
        listen(session)
        while not self._over.is_set():
            self._heed(wish(session, self._stream))
            self._report(session)
            self._bell.wait(session.pgconn.socket, _LOOK)

    def _heed(self, wished: Wish) -> None:
        if wished == self._wish:
            return
        self._wish = wished
        if wished.stop:
            self._orders.stop()
        elif wished.limit is None:
            self._orders.go_on()
        else:
            self._orders.hold(wished.limit)

    def _report(self, session: Connection) -> None:
        state = self._state
        if state is self._written:
            return
        news: dict[str, object] = {"phase": str(state.phase), "trouble": state.trouble}
        if state.phase is Phase.HELD and state.limit == self._wish.limit:
            at = None if self._wish.at is None else written(self._wish.at)
            news |= {"held": self._wish.hold, "held_at": at}
        tell(session, self._stream, process=_process(), **news)
        self._written = state


def _process() -> str:
    return f"{os.getpid()}@{socket.gethostname()}"
