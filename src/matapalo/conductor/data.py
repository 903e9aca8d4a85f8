"""What the conductor asks of whatever moves the rows of slices. `tables` is the one that does.

It stands beside `Traffic`: between them, a slice's routes and its tables move as one. Every method
may run twice, and raises StreamError's kinds where a server refuses or does not answer.

Who owns a side is written in that side's own database, with the **turn** in which it was: the
number of the ledger's last entry as it was done. What comes from an earlier turn is refused, so
that a conductor that was away for a while, and has been replaced meanwhile, can neither open nor
close anything.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Side(StrEnum):
    """One of a slice's two sides."""

    MONOLITH = "monolith"
    NEW = "new"

    @property
    def other(self) -> "Side":
        """The other one."""
        return Side.NEW if self is Side.MONOLITH else Side.MONOLITH


class Verified(BaseModel):
    """What a comparison of the content of a slice's tables found."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    rows: int
    """Rows of the owner's side."""
    differing: int
    position: str = ""
    """The position in the owner's log that both sides were compared at."""
    seconds: float = 0
    faults: tuple[str, ...] = ()
    """The first rows that differ, by table, fault and columns; no value but the key."""

    @property
    def clean(self) -> bool:
        """Whether both sides hold the same."""
        return self.differing == 0


@dataclass(frozen=True, slots=True)
class Way:
    """How one direction's stream is. None is what is not known."""

    phase: str = ""
    """What its process said last: loading, following, held, waiting, retrying, lost…"""
    running: bool = False
    loaded: bool | None = None
    progress: str = ""
    """How far a load is, for people."""
    lag_seconds: float | None = None
    lag_bytes: int | None = None
    heartbeat_age: float | None = None
    """Seconds since the last heartbeat was applied, by the source's clock."""
    conflicts: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class TableState:
    """How a slice's tables are."""

    forward: Way = Way()
    reverse: Way = Way()
    closed: frozenset[Side] = frozenset()
    """The sides whose tables are closed to all but the stream."""
    refused: int | None = None
    """How many writers met a closed table."""

    def towards(self, side: Side) -> Way:
        """Return the stream that brings rows to a side."""
        return self.forward if side is Side.NEW else self.reverse


@dataclass(frozen=True, slots=True)
class Crossing:
    """Something that crosses the border of a slice: it holds on one side only, once it moves."""

    what: str
    choices: str
    """What can be done about it."""


class Data(Protocol):
    """The tables of slices, all of them."""

    async def copy(self, slice_name: str) -> None:
        """Have the tables copied, and followed, from now on; the new side is closed to others."""
        ...

    async def follow(self, slice_name: str) -> None:
        """Make sure that the forward stream follows, and that the new side is closed to others."""
        ...

    async def prove(self, slice_name: str, owner: Side, *, within: float) -> None:
        """Prepare writes to change owner, with nothing held yet; `owner` is who has them now.

        Streams run both ways and a heartbeat has passed each within `within` seconds, guards are in
        place on both sides, sequences of the other side are ahead. Raises SwitchUnready.
        """
        ...

    async def close(self, slice_name: str, side: Side, *, turn: int, within: float) -> None:
        """Close a side's tables to all but the stream. Raises GuardBlocked, SwitchUnready."""
        ...

    async def fence(self, slice_name: str, side: Side, *, within: float) -> None:
        """Return once all that was committed on a side is on the other. Raises SwitchUnready."""
        ...

    async def open(self, slice_name: str, side: Side, *, turn: int) -> None:
        """Let everyone write to a side's tables. Raises SwitchUnready where the turn is over."""
        ...

    async def halt(self, slice_name: str) -> None:
        """Want no stream any more, and forget the copy's progress: the copy begins anew next time.

        Streams, slots, publications and guards of the slice are gone on both servers; the new
        side's rows are emptied when the next copy begins.
        """
        ...

    async def retire(self, slice_name: str) -> tuple[str, ...]:
        """Remove streams, slots and publications; the monolith's guard stays closed.

        Return what remains to be deleted in the monolith, for people.
        """
        ...

    async def verify(self, slice_name: str, owner: Side) -> Verified:
        """Compare the content of both sides while both change. Raises CannotPin."""
        ...

    async def state(self, slice_name: str) -> TableState:
        """Return how the tables are; what cannot be learned is None."""
        ...

    async def passed(self, slice_name: str, *, within: float) -> bool:
        """Whether all that is committed on the monolith now is on the new side in time."""
        ...

    async def border(self, slice_name: str) -> tuple[Crossing, ...]:
        """Return foreign keys, triggers and writers that cross the slice's border."""
        ...
