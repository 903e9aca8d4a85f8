"""Where a slice can be, in which order, and what each position means for its traffic."""

from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering

from matapalo.blueprint import Slice
from matapalo.edge.split import Split

ALL = 100.0
"""Every user, in percent."""


class Stage(StrEnum):
    """Where a slice is, in the order of its way."""

    MONOLITH = "monolith"
    COPYING = "copying"
    FOLLOWING = "following"
    SHADOWING = "shadowing"
    READING = "reading"
    SWITCHED = "switched"
    RETIRED = "retired"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return _ORDER[self]


_ORDER = {stage: rank for rank, stage in enumerate(Stage)}


@total_ordering
@dataclass(frozen=True)
class Position:
    """A stage and, while reading, the share of users who read from the new side."""

    stage: Stage = Stage.MONOLITH
    percent: float = 0

    def __post_init__(self) -> None:
        if not (0 < self.percent <= ALL if self.stage is Stage.READING else self.percent == 0):
            raise ValueError(f"there is no position {self.stage.value} {self.percent}")

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Position):
            return NotImplemented
        return (self.stage.rank, self.percent) < (other.stage.rank, other.percent)

    def __str__(self) -> str:
        return f"{self.stage.value} {self.percent:g}%" if self.percent else self.stage.value

    @property
    def new_owns(self) -> bool:
        """Whether the new side answers the writes."""
        return self.stage.rank >= Stage.SWITCHED.rank


START = Position()
"""Where every slice begins."""


def split_of(position: Position, piece: Slice) -> Split:
    """Return how the slice's traffic is divided at a position."""
    if position.new_owns:
        return Split(reads_new=ALL, writes_new=True)
    if position.stage is Stage.READING:
        return Split(reads_new=position.percent, read_own_writes=bool(piece.tables))
    if position.stage is Stage.SHADOWING:
        return Split(mirror=piece.shadow, compare=piece.compare)
    return Split()
