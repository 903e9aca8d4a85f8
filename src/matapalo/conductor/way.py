"""The way of one slice, and how to walk it: forward and back, a step at a time.

    monolith → copying → following → shadowing → reading 10% → … → reading 100% → switched → retired
               ╰── with tables ──╯   ╰────────── with safe reads ──────────────╯

Positions are totally ordered, so that a share that is not among the slice's steps has its
neighbours all the same.
"""

from matapalo.blueprint import Slice
from matapalo.blueprint.route import SAFE_METHODS
from matapalo.conductor.stages import ALL, Position, Stage
from matapalo.errors import MoveRefused

Way = tuple[Position, ...]


def way(piece: Slice) -> Way:
    """Return every position that the slice passes, in order."""
    return tuple(
        sorted(
            {
                Position(Stage.MONOLITH),
                *_data_stages(piece),
                *_traffic_stages(piece),
                Position(Stage.SWITCHED),
                Position(Stage.RETIRED),
            }
        )
    )


def _data_stages(piece: Slice) -> tuple[Position, ...]:
    return (Position(Stage.COPYING), Position(Stage.FOLLOWING)) if piece.tables else ()


def _traffic_stages(piece: Slice) -> tuple[Position, ...]:
    """A stage that would change nothing is left out: no safe reads, nothing mirrored, no steps."""
    if not any(not route.methods or SAFE_METHODS & set(route.methods) for route in piece.routes):
        return ()
    shadowing = (Position(Stage.SHADOWING),) if piece.shadow else ()
    return (*shadowing, *(Position(Stage.READING, step) for step in piece.steps if step))


def following(here: Position, along: Way) -> Position:
    """Return the next position. Raises MoveRefused at the end of the way."""
    later = [position for position in along if position > here]
    if not later:
        raise MoveRefused(f"{here} is the last stage", hint="Nothing is left to do.")
    return later[0]


def previous(here: Position, along: Way) -> Position:
    """Return the position before. Raises MoveRefused at the beginning of the way."""
    earlier = [position for position in along if position < here]
    if not earlier:
        raise MoveRefused(f"{here} is the first stage", hint="Nothing is left to take back.")
    return earlier[-1]


def goal(
    here: Position, along: Way, *, to: str | None, percent: float | None, forward: bool
) -> Position:
    """Return where a move shall end. Raises MoveRefused where that is no place of this slice.

    Without stage or share it is the next position. A share is a place in `reading`, and any share
    will do; `reading` without a share is the nearest step of it.
    """
    if to is None and percent is None:
        return following(here, along) if forward else previous(here, along)
    stage = _stage(to, along) if to is not None else _stage(Stage.READING, along)
    if percent is not None:
        return _share(stage, percent)
    if stage is not Stage.READING:
        return Position(stage)
    return _nearest_reading(here, along, forward=forward)


def _stage(name: str, along: Way) -> Stage:
    valid = dict.fromkeys(position.stage.value for position in along)
    if name not in valid:
        known = name in list(Stage)
        raise MoveRefused(
            f"this slice does not pass the stage {name}" if known else f"no stage {name!r}",
            hint=f"Its stages: {', '.join(valid)}.",
        )
    return Stage(name)


def _share(stage: Stage, percent: float) -> Position:
    if stage is not Stage.READING:
        raise MoveRefused(
            f"{stage.value} takes no share", hint="A share of users belongs to the stage reading."
        )
    if not 0 < percent <= ALL:
        raise MoveRefused(
            f"{percent:g} is no share of users", hint="Give more than 0 and at most 100 percent."
        )
    return Position(stage, percent)


def _nearest_reading(here: Position, along: Way, *, forward: bool) -> Position:
    if here.stage is Stage.READING:
        return here
    steps = [position for position in along if position.stage is Stage.READING]
    return steps[0] if forward else steps[-1]


def towards(here: Position, target: Position, along: Way) -> Way:
    """Return the positions to pass from here to the target, in walking order, the target last.

    Every stage between is passed. Inside `reading`, a target that lies there too is reached
    straight: who names a share wants that share.
    """
    between = [
        position
        for position in along
        if min(here, target) < position < max(here, target)
        and not (position.stage is target.stage is Stage.READING)
    ]
    if target == here:
        return ()
    return (*(between if here < target else reversed(between)), target)
