"""A bell: one thread rings, another hears it while it waits for a socket too."""

import select
import socket
from types import TracebackType
from typing import Self


class Bell:
    """Wakes whoever waits at it; ringing twice before anyone listens is ringing once."""

    def __init__(self) -> None:
        self._outside, self._inside = socket.socketpair()
        self._outside.setblocking(False)
        self._inside.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._outside.close()
        self._inside.close()

    def ring(self) -> None:
        """Wake whoever waits, or the next who will."""
        try:
            self._outside.send(b"!")
        except BlockingIOError:
            return  # it rings already

    def wait(self, socket_too: int, seconds: float) -> None:
        """Wait for the bell, for something to read from a socket, or for some time."""
        poll = select.poll()
        poll.register(self._inside, select.POLLIN)
        poll.register(socket_too, select.POLLIN)
        poll.poll(seconds * 1000)
        try:
            self._inside.recv(4096)
        except BlockingIOError:
            return
