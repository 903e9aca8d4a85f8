"""What a step does, as frozen data. Running it, explaining it and `--dry-run` read the same plan.

    traffic alone            divide · acknowledge
    tables begin, and end    copy | follow | halt | retire
    writes change owner      prove · hold · seal · open · release        (the switch)

Every action may run twice. A switch that fails before `open` has begun is taken back; from there on
it is finished, whatever happens.
"""

from dataclasses import dataclass
from enum import StrEnum

from matapalo.blueprint import Slice
from matapalo.conductor.data import Side
from matapalo.conductor.fold import OpenMove
from matapalo.conductor.stages import Position, Stage, split_of
from matapalo.edge.split import Split
from matapalo.errors import MoveRefused


class Do(StrEnum):
    """What an action is."""

    DIVIDE = "divide"
    """Say how edges shall divide the slice's traffic."""
    ACKNOWLEDGE = "acknowledge"
    """Wait until every edge does so, and count anew from there."""
    COPY = "copy"
    """Have the tables copied."""
    FOLLOW = "follow"
    """Have the copy kept current."""
    HALT = "halt"
    """Copy no more, and leave nothing behind."""
    RETIRE = "retire"
    """Keep the monolith's tables current no more, and remove what did so."""
    PROVE = "prove"
    """See that writes can change owner, and prepare whatever takes time, at the edges too."""
    HOLD = "hold"
    """Have writes wait at the edges, and those under way answered."""
    SEAL = "seal"
    """Close the owner's tables, and see everything of theirs arrive on the other side."""
    OPEN = "open"
    """Open the other side's tables. From here there is no way but on."""
    RELEASE = "release"
    """Send everything to the new owner, what waited first."""


@dataclass(frozen=True)
class Action:
    """One thing to do."""

    number: int
    do: Do
    text: str
    """What is true once it is done."""
    split: Split | None = None
    """What edges shall do from its beginning on, where that changes."""


@dataclass(frozen=True)
class Plan:
    """One step of one slice."""

    slice: str
    start: Position
    goal: Position
    former: Split
    """How edges divide the traffic where it last arrived, should the step be taken back."""
    actions: tuple[Action, ...]
    undo: bool = False
    """Whether it takes a switch back that has not come to its end."""

    @property
    def weighty(self) -> bool:
        """Whether writes change owner, or a way back is closed: a person says yes to it first."""
        return self.start.new_owns or self.goal.new_owns

    @property
    def owner(self) -> Side:
        """Who owns writes as the step begins."""
        return owner(self.start)

    @property
    def switches(self) -> bool:
        """Whether a side's tables are opened by it."""
        return any(action.do is Do.OPEN for action in self.actions)

    @property
    def point_of_no_return(self) -> int:
        """The number of the action from whose beginning on the step is finished; 0 for none.

        What opens a side, or takes streams away, may be done though it was never said to be.
        """
        return next((action.number for action in self.actions if action.do in _FINAL), 0)


_FINAL = frozenset({Do.OPEN, Do.HALT, Do.RETIRE})


def owner(position: Position) -> Side:
    """Return who owns writes at a position."""
    return Side.NEW if position.new_owns else Side.MONOLITH


def plan(name: str, piece: Slice, start: Position, goal: Position, settled: Position) -> Plan:
    """Return what takes a slice from one position to another.

    `settled` is where it last arrived: the start, unless a move that never arrived is taken back.
    """
    return Plan(
        slice=name,
        start=start,
        goal=goal,
        former=split_of(settled, piece),
        actions=tuple(
            Action(number, do, text, split)
            for number, (do, text, split) in enumerate(_actions(piece, start, goal), 1)
        ),
    )


def take_back(name: str, piece: Slice, begun: Position, goal: Position) -> Plan:
    """Return what ends a switch that has not come to the point of no return.

    `begun` is where it was to lead, `goal` where it began. Nothing is closed and nothing waited
    for: the owner's tables are opened, should they be closed, and writes go on.
    """
    text = f"{_tables(piece)} are open at {_named(owner(goal))}"
    steps = (
        (Do.OPEN, text, None),
        (Do.RELEASE, f"{_divided(piece, goal)}; what waited goes on", split_of(goal, piece)),
    )
    return Plan(
        slice=name,
        start=begun,
        goal=goal,
        former=split_of(goal, piece),
        actions=tuple(Action(n, do, said, split) for n, (do, said, split) in enumerate(steps, 1)),
        undo=True,
    )


def resumed(name: str, piece: Slice, move: OpenMove, settled: Position) -> Plan:
    """Return the plan that an open move was begun with."""
    if move.undo:
        return take_back(name, piece, move.start, move.goal)
    return plan(name, piece, move.start, move.goal, settled)


def may_be_taken_back(piece: Slice, move: OpenMove) -> bool:
    """Whether an open move is a switch to the new side, or is being taken back already."""
    switches = owner(move.start) is not owner(move.goal)
    return move.undo or (bool(piece.tables) and move.goal.new_owns and switches)


def refuse_beyond_return(piece: Slice, move: OpenMove) -> None:
    """Raises MoveRefused where a move has passed its point of no return: it is finished instead.

    Writes have changed owner then, or streams may be gone that a way back would need.
    """
    if not piece.tables or not move.goal.new_owns:
        return
    last = plan("", piece, move.start, move.goal, move.start).point_of_no_return
    if not last or move.begun < last:
        return
    if owner(move.start) is owner(move.goal):
        raise MoveRefused(
            f"streams are being taken away: it is being finished at {move.goal}",
            hint="There is no way back from there.",
        )
    raise MoveRefused(
        f"writes have changed owner already: it is being finished at {move.goal}",
        hint="Take it back once it is there.",
    )


_Steps = tuple[tuple[Do, str, Split | None], ...]


def _actions(piece: Slice, start: Position, goal: Position) -> _Steps:
    if not piece.tables:
        return _traffic(piece, goal)
    if start.new_owns is not goal.new_owns:
        return _switch(piece, start, goal)
    if goal.stage not in _TABLES:
        return _traffic(piece, goal)
    do, text = _TABLES[goal.stage]
    return (*_quiet(piece, start, goal), (do, text.format(tables=_tables(piece)), None))


_TABLES = {
    Stage.MONOLITH: (Do.HALT, "{tables} are copied no more, and nothing of a stream is left"),
    Stage.COPYING: (Do.COPY, "{tables} are being copied to the new side"),
    Stage.FOLLOWING: (Do.FOLLOW, "the copy is kept current, and only the stream writes to it"),
    Stage.RETIRED: (Do.RETIRE, "no stream runs, and nothing of one is left on either server"),
}
"""What is done about the tables on the way to a stage."""


def _quiet(piece: Slice, start: Position, goal: Position) -> _Steps:
    """What takes traffic back that the start divides and the goal does not."""
    same = split_of(start, piece) == split_of(goal, piece)
    return () if same else _traffic(piece, goal)


def _traffic(piece: Slice, goal: Position) -> _Steps:
    return (
        (Do.DIVIDE, _divided(piece, goal), split_of(goal, piece)),
        (Do.ACKNOWLEDGE, "every edge obeys, and counting begins anew", None),
    )


def _switch(piece: Slice, start: Position, goal: Position) -> _Steps:
    old, new = owner(start), owner(goal)
    # Routes take edges a while to change: reads that are steered as writes are change with them.
    steered = split_of(start, piece).model_copy(update={"reads_follow": True})
    held = steered.model_copy(update={"hold": piece.hold})
    return (
        (Do.PROVE, "streams run both ways, sequences are ahead, reads follow writes", steered),
        (Do.HOLD, f"writes wait, {piece.hold:g} s at most, and none is under way", held),
        (
            Do.SEAL,
            f"{_tables(piece)} are closed at {_named(old)}, all of it at {_named(new)}",
            None,
        ),
        (Do.OPEN, f"{_tables(piece)} are open at {_named(new)}", None),
        (Do.RELEASE, f"{_divided(piece, goal)}; what waited goes on", split_of(goal, piece)),
    )


def _tables(piece: Slice) -> str:
    return ", ".join(dict.fromkeys(table.name for table in piece.tables))


def _named(side: Side) -> str:
    return "the monolith" if side is Side.MONOLITH else "the new side"


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
