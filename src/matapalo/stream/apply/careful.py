"""The careful way: look first, keep what does not fit, get around values that change hands.

condition ▸ which keys are there? ▸ judge ▸ gently: delete, update, insert
                                           ╰─ a unique value is in the way ─▶ anew: keep the
                               old rows, delete all that are touched, insert them as they will be
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from psycopg import errors

from matapalo.stream.apply.conflict import Conflict, Misfit, Outcome
from matapalo.stream.apply.inlet import Inlet
from matapalo.stream.apply.work import Seen, Work, absent, by_absence, judged, named
from matapalo.stream.batch import Key, Net
from matapalo.stream.database import Connection
from matapalo.stream.mapping import Outside, Part
from matapalo.stream.pgoutput import Cells

T = TypeVar("T")

IN_THE_WAY = (errors.UniqueViolation, errors.ExclusionViolation)
"""What the server says where two rows cannot be there together."""


def carefully(connection: Connection, inlet: Inlet, net: Net) -> list[Conflict]:
    """Do what is to be done to one target, and return what did not fit."""
    net, conflicts = _within(inlet, net)
    if inlet.flow.part is Part.FURTHER:
        return conflicts + _further(inlet, net)
    present = inlet.present(named(net, inlet.key))
    work, more = judged(net, inlet.key, Seen(present, lenient=inlet.filters))
    try:
        with connection.transaction():
            if work.move:
                raise errors.UniqueViolation("rows whose keys change are made anew")
            _gently(inlet, work)
    except IN_THE_WAY:
        more = more + _anew(connection, inlet, work)
    return conflicts + more


def _within(inlet: Inlet, net: Net) -> tuple[Net, list[Conflict]]:
    """Hold rows against the flow's condition, where the source does not."""
    if not inlet.filters:
        return net, []
    out: list[Cells] = []
    fresh = _split(inlet, net.fresh, out)
    changed = _split(inlet, net.changed, out)
    # Of these the log does not say everything. They are where they were.
    partial = net.partial
    moves = [move.cells for move in net.moved]
    staying = {id(cells) for cells in _split(inlet, moves, out)}
    moved = [move for move in net.moved if id(move.cells) in staying]
    if inlet.flow.outside is Outside.REFUSE:
        inside = replace(net, fresh=fresh, changed=changed, partial=partial, moved=moved)
        return inside, [Conflict(Misfit.OUTSIDE, Outcome.LEFT_OUT, out)] if out else []
    leaving = list(dict.fromkeys([*net.gone, *map(inlet.key, out)]))
    return replace(
        net, gone=leaving, fresh=fresh, changed=changed, partial=partial, moved=moved
    ), []


def _split(inlet: Inlet, rows: Sequence[Cells], out: list[Cells]) -> list[Cells]:
    """Return the rows for which the condition holds; the others go to `out`."""
    if not rows:
        return []
    fitting = inlet.fitting(rows)
    out += [cells for number, cells in enumerate(rows) if number not in fitting]
    return [cells for number, cells in enumerate(rows) if number in fitting]


def _further(inlet: Inlet, net: Net) -> list[Conflict]:
    """Bring a further table's columns to rows that another flow brings."""
    rows = net.fresh + net.changed + net.partial
    keys = list(map(inlet.key, rows)) + [inlet.key(move.cells) for move in net.moved]
    present = inlet.present(keys) if keys else frozenset()
    inlet.carry([move for move in net.moved if inlet.key(move.cells) in present])
    coming = {*keys}
    if gone := [key for key in net.gone if key not in coming]:
        inlet.reset(gone)
    for missing, some in by_absence([c for c in rows if inlet.key(c) in present]).items():
        inlet.update(some, missing)
    lost = [cells for cells in rows if inlet.key(cells) not in present]
    return [Conflict(Misfit.MISSING, Outcome.LEFT_OUT, lost)] if lost else []


def _gently(inlet: Inlet, work: Work) -> None:
    if work.remove:
        inlet.remove(work.remove)
    for missing, rows in by_absence(work.update).items():
        inlet.update(rows, missing)
    if work.insert:
        inlet.insert(work.insert)


def _anew(connection: Connection, inlet: Inlet, work: Work) -> list[Conflict]:
    """Delete every row that is touched and insert it as it will be."""
    rows = work.update + [move.cells for move in work.move]
    bases = [inlet.key(cells) for cells in work.update] + [move.base for move in work.move]
    keys = list(dict.fromkeys([*work.remove, *bases]))
    inlet.keep_old(keys)
    inlet.remove(keys)
    blocked: list[Cells] = []
    for missing in {absent(cells): None for cells in rows}:
        pairs = [(c, b) for c, b in zip(rows, bases, strict=True) if absent(c) == missing]
        blocked += _restored(connection, inlet, pairs)
    blocked += _halving(connection, work.insert, inlet.insert)
    inlet.drop_old()
    return [Conflict(Misfit.BLOCKED, Outcome.LEFT_OUT, blocked)] if blocked else []


def _restored(
    connection: Connection, inlet: Inlet, pairs: Sequence[tuple[Cells, Key]]
) -> list[Cells]:
    missing = absent(pairs[0][0])

    def restore(some: Sequence[tuple[Cells, Key]]) -> object:
        return inlet.restore([cells for cells, _ in some], [base for _, base in some], missing)

    return [cells for cells, _ in _halving(connection, pairs, restore)]


def _halving(
    connection: Connection, things: Sequence[T], insert: Callable[[Sequence[T]], object]
) -> list[T]:
    """Insert things; where some cannot be, halve until those are alone, and return them."""
    if not things:
        return []
    try:
        with connection.transaction():
            insert(things)
    except IN_THE_WAY:
        if len(things) == 1:
            return list(things)
        half = len(things) // 2
        first = _halving(connection, things[:half], insert)
        return first + _halving(connection, things[half:], insert)
    return []
