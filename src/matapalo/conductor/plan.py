"""What a step does, as frozen data. Running it, explaining it and `--dry-run` read the same plan.

Every action may run twice. With tables there will be more kinds (copy, follow, hold, fence, open,
release); the order of a plan is where they take their place.
"""

from dataclasses import dataclass
from enum import StrEnum

from matapalo.blueprint import Slice
from matapalo.conductor.stages import Position, Stage, split_of
from matapalo.edge.split import Split


class Do(StrEnum):
    """What an action is."""

    DIVIDE = "divide"
    """Say how edges shall divide the slice's traffic."""
    ACKNOWLEDGE = "acknowledge"
    """Wait until every edge does so, and count anew from there."""


@dataclass(frozen=True)
class Action:
    """One thing to do."""

    number: int
    do: Do
    text: str
    """What is true once it is done."""


@dataclass(frozen=True)
class Plan:
    """One step of one slice."""

    slice: str
    start: Position
    goal: Position
    split: Split
    """How edges divide the slice's traffic at the goal."""
    former: Split
    """How they divide it where it last arrived, should the step fail."""
    actions: tuple[Action, ...]

    @property
    def weighty(self) -> bool:
        """Whether writes change owner, or a way back is closed: a person says yes to it first."""
        return self.start.new_owns or self.goal.new_owns


def plan(name: str, piece: Slice, start: Position, goal: Position, settled: Position) -> Plan:
    """Return what takes a slice from one position to another.

    `settled` is where it last arrived: the start, unless a move that never arrived is taken back.
    """
    actions = (
        (Do.DIVIDE, _divided(piece, goal)),
        (Do.ACKNOWLEDGE, "every edge obeys, and counting begins anew"),
    )
    return Plan(
        slice=name,
        start=start,
        goal=goal,
        split=split_of(goal, piece),
        former=split_of(settled, piece),
        actions=tuple(Action(number, do, text) for number, (do, text) in enumerate(actions, 1)),
    )


def _divided(piece: Slice, goal: Position) -> str:
    match goal.stage:
        case Stage.SHADOWING:
            return f"{piece.to} is sent copies of {piece.shadow:g}% of the monolith's safe reads"
        case Stage.READING:
            return f"{piece.to} answers the reads of {goal.percent:g}% of users"
        case Stage.SWITCHED | Stage.RETIRED:
            return f"{piece.to} answers every request"
        case _:
            return "the monolith answers every request"
