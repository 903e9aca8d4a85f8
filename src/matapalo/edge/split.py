"""How a slice's traffic is divided between its two sides: what the conductor wants of an edge."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

Percent = Annotated[float, Field(ge=0, le=100)]


class Split(BaseModel):
    """The division of one slice. All of it at the monolith is the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads_new: Percent = 0
    """The share of users whose safe requests (GET, HEAD, OPTIONS) the new side answers."""
    writes_new: bool = False
    """Whether every other request goes to the new side."""
    mirror: Percent = 0
    """The share of the monolith's safe requests that the new side is sent a copy of."""
    compare: Percent = 0
    """The share of the monolith's safe requests that the comparison is sent a copy of."""
    hold: Annotated[float, Field(ge=0)] = 0
    """How long other requests wait at most, in seconds, while they are held; 0: they are not."""
    read_own_writes: bool = False
    """Whether a user who has just written reads from the monolith until the new side has it."""
    reads_follow: bool = False
    """Whether safe requests change sides in the moment in which writes do: once they have, all of
    them go to the owner of writes, whatever their share is yet."""


class Wanted(BaseModel):
    """What every edge shall do; a higher version replaces a lower one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 0
    splits: dict[str, Split] = {}

    def split(self, slice_name: str) -> Split:
        """Return the slice's split: at the monolith where nobody said otherwise."""
        return self.splits.get(slice_name, Split())

    def routes(self) -> Self:
        """Return what of it moves routes: who owns writes, and whether they wait, does not."""
        steered = {"writes_new": False, "hold": 0.0}
        splits = {name: split.model_copy(update=steered) for name, split in self.splits.items()}
        return type(self)(splits=splits)

    def held(self) -> tuple[str, ...]:
        """Return the slices whose writes wait."""
        return tuple(sorted(name for name, split in self.splits.items() if split.hold))

    def supersedes(self, other: Self) -> bool:
        """Whether this one replaces the other."""
        return self.version > other.version
