"""Memory for bodies, shared by all: what does not fit is not compared."""

from types import TracebackType
from typing import Self


class NoRoom(Exception):
    """Too much is held at once."""


class Room:
    """So many bytes."""

    def __init__(self, size: int) -> None:
        self._free = size

    def lease(self) -> "Lease":
        """Return a part of it that grows as it is taken, and is given back as a whole."""
        return Lease(self)

    def take(self, size: int) -> None:
        """Take bytes. Raises NoRoom."""
        if size > self._free:
            raise NoRoom
        self._free -= size

    def give(self, size: int) -> None:
        """Give bytes back."""
        self._free += size


class Lease:
    """What one comparison holds while it is at work."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = 0

    def take(self, size: int) -> None:
        """Take bytes. Raises NoRoom."""
        self._room.take(size)
        self._held += size

    def give(self, size: int) -> None:
        """Give some of them back before the rest."""
        self._room.give(size)
        self._held -= size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.give(self._held)
        self._held = 0
