"""What somebody wants of a slice, and the positions that it leads through."""

from dataclasses import dataclass

from matapalo.blueprint import Slice
from matapalo.conductor.fold import SliceState
from matapalo.conductor.stages import Position, Stage
from matapalo.conductor.way import Way, goal, towards, way
from matapalo.errors import ConductorBusy, MoveRefused


@dataclass(frozen=True)
class Order:
    """A wish to move a slice."""

    slice: str
    to: str | None = None
    percent: float | None = None
    who: str = ""
    why: str = ""
    wait: float = 0
    """How long to wait for gates that have too little to judge by, in seconds."""
    force: bool = False
    """Go on although gates did not pass; `why` says why."""


def path_forward(order: Order, piece: Slice, state: SliceState) -> Way:
    """Return the positions that an advance passes, its target last; none if it is there already.

    Raises MoveRefused where that is no way forward, and ConductorBusy while a move is open.
    """
    if order.force and not order.why.strip():
        raise MoveRefused("overriding gates needs a reason", hint="Give --why TEXT.")
    here, along = state.position, way(piece)
    if state.move:
        raise ConductorBusy(
            f"it is on its way from {state.move.start} to {state.move.goal}, for {state.move.who}",
            where=order.slice,
            hint=state.move.trouble or "Wait until it is there, or take it back with `back`.",
        )
    target = goal(here, along, to=order.to, percent=order.percent, forward=True)
    if target < here:
        raise MoveRefused(
            f"it is at {here} already, past {target}",
            where=order.slice,
            hint=f"Go there with `matapalo back {order.slice}`.",
        )
    return towards(here, target, along)


def departure(state: SliceState) -> Position:
    """Return where going on begins: a move that never arrived may have come as far as its end."""
    move = state.move
    return max(move.start, move.goal) if move else state.position


def path_back(order: Order, piece: Slice, state: SliceState) -> Way:
    """Return the positions that going back passes, its target last; none if it is there already.

    A move that is open is taken back first: to the lower one of its two ends. Raises MoveRefused
    where that is no way back.
    """
    along = way(piece)
    if state.move:
        return _undone(order, state.move.start, state.move.goal, along)
    here = state.position
    if piece.tables and here.stage is Stage.RETIRED:
        raise MoveRefused(
            "it is retired: nothing has kept the monolith's tables current since",
            where=order.slice,
            hint="The way back would be a slice of its own, from the new side to the monolith.",
        )
    target = goal(here, along, to=order.to, percent=order.percent, forward=False)
    if target > here:
        raise MoveRefused(
            f"it is only at {here}, before {target}",
            where=order.slice,
            hint=f"Go there with `matapalo advance {order.slice}`.",
        )
    return towards(here, target, along)


def _undone(order: Order, start: Position, end: Position, along: Way) -> Way:
    low, high = min(start, end), max(start, end)
    if order.to is None and order.percent is None:
        return (low,)
    target = goal(high, along, to=order.to, percent=order.percent, forward=False)
    if target > low:
        raise MoveRefused(
            f"it is on its way between {low} and {high}, not beyond {target}", where=order.slice
        )
    return (low, *towards(low, target, along))
