"""The switch as a model, searched to its end: two slices, two edges, one of which may be late, a
conductor that may die between any two of its actions and be replaced, while another one, paused at
any action of an earlier move, wakes up and goes on with what it was about to do.

The plans are the product's own (`plan`, `take_back`, `resumed`): what is searched is every order in
which their actions, the edges' obedience and crashes can come. What an action does is told here in
a line each.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from matapalo.blueprint import Slice
from matapalo.conductor.data import Side
from matapalo.conductor.plan import Action, Do, Plan, owner, plan, take_back
from matapalo.conductor.stages import Position, Stage

PIECE = Slice.model_validate({"to": "a/b", "routes": ["/a"], "tables": ["t"], "steps": [100]})
ENDS = (Position(Stage.READING, 100), Position(Stage.SWITCHED))
EDGES = 2
MOVES = 3
"""So many moves a slice makes: there, back, and there again."""
REPLACED = 2
"""So often a conductor is replaced that then wakes up."""


@dataclass(frozen=True)
class Move:
    """A move that is open: how far the ledger says that it has come, and its turn."""

    start: Position
    goal: Position
    undo: bool = False
    begun: int = 0
    done: int = 0


@dataclass(frozen=True)
class Piece:
    """One slice."""

    position: Position = ENDS[0]
    move: Move | None = None
    moves: int = 0
    turn: int = 0
    """The leader's: it rises with whatever the leader writes down before it acts on tables."""
    replaced: int = 0
    wanted: tuple[Side, bool] = (Side.MONOLITH, False)
    """Who owns writes, as edges are told, and whether writes wait."""
    edges: tuple[tuple[Side, bool], ...] = ((Side.MONOLITH, False),) * EDGES
    """What each edge obeys."""
    closed: frozenset[Side] = frozenset({Side.NEW})
    seen: tuple[int, int] = (0, 0)
    """The last turn that touched each side's tables."""
    complete: frozenset[Side] = frozenset({Side.MONOLITH})
    """The sides that have every acknowledged write."""
    sleeper: tuple[Do, Side, int] | None = None
    """What a conductor that was replaced will still do when it wakes up: what, where, its turn."""


State = tuple[Piece, Piece]


@cache
def planned(move: Move) -> Plan:
    if move.undo:
        return take_back("s", PIECE, move.start, move.goal)
    return plan("s", PIECE, move.start, move.goal, move.start)


def steps(piece: Piece) -> Iterator[tuple[str, Piece]]:
    """Give everything that can happen next to one slice."""
    yield from _customers(piece)
    yield from _edges(piece)
    yield from _sleeper(piece)
    if piece.move is None:
        yield from _begin(piece)
        return
    yield from _conductor(piece, piece.move)


def _begin(piece: Piece) -> Iterator[tuple[str, Piece]]:
    if piece.moves < MOVES:
        goal = ENDS[1] if piece.position == ENDS[0] else ENDS[0]
        yield "begin", _next(piece, Move(piece.position, goal))


def _next(piece: Piece, move: Move) -> Piece:
    return replace(piece, move=move, moves=piece.moves + 1, turn=piece.turn + 1)


def _conductor(piece: Piece, move: Move) -> Iterator[tuple[str, Piece]]:
    """The leader takes the next action, fails in it, or is replaced just before it."""
    actions = planned(move).actions
    if move.done == len(actions):
        yield "arrive", replace(piece, position=move.goal, move=None)
        return
    action = actions[move.done]
    if move.begun < action.number:
        yield f"begin {action.do}", _begun(piece, move, action)
    else:
        done = _acted(piece, action.do, planned(move))
        if done is not None:
            yield f"{action.do}", replace(done, move=replace(move, done=action.number))
        yield from _replaced(piece, move, action)
    if _is_safe(move):
        yield from _restored(piece, move)
        if move.goal.new_owns and not move.undo:
            yield "take back", _next(piece, Move(move.goal, move.start, undo=True))


def _begun(piece: Piece, move: Move, action: Action) -> Piece:
    wanted = piece.wanted
    if action.split is not None:
        side = Side.NEW if action.split.writes_new else Side.MONOLITH
        wanted = (side, action.split.hold > 0)
    return replace(piece, move=replace(move, begun=action.number), wanted=wanted)


def _acted(piece: Piece, do: Do, what: Plan) -> Piece | None:
    """Do what an action does; None while it cannot be done yet."""
    old, new, turn = what.owner, owner(what.goal), piece.turn
    match do:
        case Do.HOLD | Do.RELEASE:
            return piece if all(edge == piece.wanted for edge in piece.edges) else None
        case Do.SEAL:
            closed = _turned(piece, old, turn)
            if closed is None:
                return None
            closed = replace(closed, closed=closed.closed | {old})
            return replace(closed, complete=frozenset(Side) & (closed.complete | {old.other}))
        case Do.OPEN:
            opened = _turned(piece, new, turn)
            return None if opened is None else replace(opened, closed=opened.closed - {new})
        case _:
            return piece


def _turned(piece: Piece, side: Side, turn: int) -> Piece | None:
    """Take the turn of a side's tables, unless a later one was taken."""
    place = list(Side).index(side)
    if turn < piece.seen[place]:
        return None
    seen = tuple(turn if i == place else was for i, was in enumerate(piece.seen))
    return replace(piece, seen=(seen[0], seen[1]))


def _is_safe(move: Move) -> bool:
    last = planned(move).point_of_no_return
    return not last or move.begun < last


def _restored(piece: Piece, move: Move) -> Iterator[tuple[str, Piece]]:
    """What failed is taken back: the owner's tables open, and writes go on."""
    what = planned(move)
    if move.undo:
        return
    back = _turned(piece, what.owner, piece.turn + 1)
    if back is not None:
        back = replace(back, turn=piece.turn + 1)
        wanted = (what.owner, False)
        yield "restore", replace(back, closed=back.closed - {what.owner}, wanted=wanted, move=None)


def _replaced(piece: Piece, move: Move, action: Action) -> Iterator[tuple[str, Piece]]:
    """The conductor falls asleep before it acts on the tables; another one takes over."""
    what = planned(move)
    side = {Do.SEAL: what.owner, Do.OPEN: owner(what.goal)}.get(action.do)
    if side is not None and piece.sleeper is None and piece.replaced < REPLACED:
        sleeper = (action.do, side, piece.turn)
        yield (
            "replace",
            replace(piece, sleeper=sleeper, turn=piece.turn + 1, replaced=piece.replaced + 1),
        )


def _sleeper(piece: Piece) -> Iterator[tuple[str, Piece]]:
    if piece.sleeper is None:
        return
    do, side, turn = piece.sleeper
    turned = _turned(piece, side, turn)
    awake = replace(piece, sleeper=None)
    if turned is None:
        yield "wake too late", awake
        return
    closed = turned.closed | {side} if do is Do.SEAL else turned.closed - {side}
    yield "wake", replace(turned, closed=closed, sleeper=None)


def _edges(piece: Piece) -> Iterator[tuple[str, Piece]]:
    for number, edge in enumerate(piece.edges):
        if edge != piece.wanted:
            now = (*piece.edges[:number], piece.wanted, *piece.edges[number + 1 :])
            yield f"edge {number} obeys", replace(piece, edges=now)


def _customers(piece: Piece) -> Iterator[tuple[str, Piece]]:
    """A write is acknowledged where it is let in; the other side has it later."""
    for side, held in set(piece.edges):
        if held:
            continue
        if side not in piece.closed and piece.complete != {side}:
            yield f"write at {side}", replace(piece, complete=frozenset({side}))


def wrong(piece: Piece) -> str:
    """Return what must never be so."""
    open_ = frozenset(Side) - piece.closed
    if len(open_) > 1:
        return "two writable owners"
    if any(side not in piece.complete for side in open_):
        return "the owner lacks an acknowledged write"
    resting = piece.move is None and piece.sleeper is None
    if resting and (
        open_ != {owner(piece.position)} or piece.wanted != (owner(piece.position), False)
    ):
        return "nobody owns what nobody moves"
    return ""


def explored() -> tuple[dict[Piece, list[Piece]], int]:
    """Search one slice's whole space. Slices do not touch each other: see the test of two."""
    first = Piece()
    following: dict[Piece, list[Piece]] = {}
    left, count = deque([first]), 0
    while left:
        piece = left.popleft()
        if piece in following:
            continue
        assert not (why := wrong(piece)), f"{why}: {piece}"
        following[piece] = [then for _, then in steps(piece)]
        count += len(following[piece])
        left.extend(following[piece])
    return following, count


def test_no_order_of_events_leads_to_two_owners_a_lost_write_or_a_dead_end() -> None:
    following, _ = explored()
    assert len(following) > 1000
    # From everywhere a state can be reached in which the slice is at rest and writes go on.
    good = {p for p in following if p.move is None and all(e == p.wanted for e in p.edges)}
    before: dict[Piece, list[Piece]] = {}
    for piece, then in following.items():
        for one in then:
            before.setdefault(one, []).append(piece)
    left = deque(good)
    while left:
        for piece in before.get(left.popleft(), ()):
            if piece not in good:
                good.add(piece)
                left.append(piece)
    assert good == set(following)


def test_two_slices_move_at_once_and_neither_hinders_the_other() -> None:
    """The product of both spaces, to a bound: nothing that one does changes what the other may."""
    seen: set[State] = set()
    left: deque[State] = deque([(Piece(), Piece())])
    while left and len(seen) < 20_000:
        state = left.popleft()
        if state in seen:
            continue
        seen.add(state)
        one, other = state
        assert not wrong(one), one
        assert not wrong(other), other
        left.extend((then, other) for _, then in steps(one))
        left.extend((one, then) for _, then in steps(other))
    assert len(seen) == 20_000
