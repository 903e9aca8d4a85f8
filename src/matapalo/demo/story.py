"""What the demonstration does, act by act.

A slice that a new service takes over goes all the way there, and back; one that a function takes
over goes there; then one that takes its table along goes there, back to where the monolith owns it,
there again, and stays.
"""

from dataclasses import dataclass
from typing import Literal

from matapalo.conductor import Position, Stage
from matapalo.demo.tally import Direction

SERVICE_SLICE = "statements"
FUNCTION_SLICE = "limits"
TABLE_SLICE = "payments"
SLICES = (SERVICE_SLICE, FUNCTION_SLICE, TABLE_SLICE)

MONOLITH, COPYING, FOLLOWING, SHADOWING, SWITCHED, RETIRED = (
    Position(stage)
    for stage in (
        Stage.MONOLITH,
        Stage.COPYING,
        Stage.FOLLOWING,
        Stage.SHADOWING,
        Stage.SWITCHED,
        Stage.RETIRED,
    )
)
READING = tuple(Position(Stage.READING, percent) for percent in (10, 50, 100))
ALL_READ = READING[-1]


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
    """Return every act but the last, in order."""
    way = (SHADOWING, *READING, SWITCHED)
    return (
        *there(SERVICE_SLICE, *way),
        *back(SERVICE_SLICE, ALL_READ, MONOLITH),
        *there(SERVICE_SLICE, SWITCHED),
        *there(FUNCTION_SLICE, *way),
        *there(TABLE_SLICE, COPYING, FOLLOWING, *way),
        *back(TABLE_SLICE, ALL_READ),
        *there(TABLE_SLICE, SWITCHED),
        *back(TABLE_SLICE, FOLLOWING),
        *there(TABLE_SLICE, SWITCHED),
    )


def ending() -> tuple[Act, ...]:
    """Return the last act: from then on, nothing keeps the monolith's table current."""
    return there(TABLE_SLICE, RETIRED)


def there(slice_name: str, *positions: Position) -> tuple[Act, ...]:
    """Return acts that take a slice forward."""
    return tuple(Act(slice_name, "advance", position) for position in positions)


def back(slice_name: str, *positions: Position) -> tuple[Act, ...]:
    """Return acts that take a slice back."""
    return tuple(Act(slice_name, "back", position) for position in positions)
