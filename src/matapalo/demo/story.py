"""What the demonstration does, act by act.

A slice that a new service takes over goes all the way there, all the way back, and there again;
then one that a function takes over goes there.
"""

from dataclasses import dataclass
from typing import Literal

from matapalo.conductor import Position, Stage
from matapalo.demo.tally import Direction

SERVICE_SLICE = "statements"
FUNCTION_SLICE = "limits"
SLICES = (SERVICE_SLICE, FUNCTION_SLICE)

WAY = (
    Position(Stage.MONOLITH),
    Position(Stage.SHADOWING),
    Position(Stage.READING, 10),
    Position(Stage.READING, 50),
    Position(Stage.READING, 100),
    Position(Stage.SWITCHED),
)


@dataclass(frozen=True)
class Act:
    """One move of a slice, to a position before or behind it."""

    slice: str
    verb: Literal["advance", "back"]
    position: Position
    """Where it leads."""

    @property
    def title(self) -> str:
        """What it is called in the closing table."""
        return f"{self.slice} {'→' if self.verb == 'advance' else '←'} {self.position}"

    @property
    def directions(self) -> dict[str, Direction]:
        """Which way users may change side while it happens."""
        return {self.slice: "up" if self.verb == "advance" else "down"}


def story() -> tuple[Act, ...]:
    """Return every act, in order."""
    there = tuple(Act(SERVICE_SLICE, "advance", position) for position in WAY[1:])
    back = tuple(Act(SERVICE_SLICE, "back", position) for position in reversed(WAY[:-1]))
    function = tuple(Act(FUNCTION_SLICE, "advance", position) for position in WAY[1:])
    return (*there, *back, *there, *function)
