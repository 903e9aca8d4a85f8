"""What is to be done to one target, decided before anything is. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from matapalo.stream.apply.conflict import Conflict, Misfit, Outcome
from matapalo.stream.batch import Key, KeyOf, Moved, Net
from matapalo.stream.mapping import Flow
from matapalo.stream.pgoutput import Cells

Absent = frozenset[int]
"""Where the cells are that the log leaves out."""


@dataclass(slots=True)
class Work:
    """Rows for one target, set by set."""

    remove: list[Key] = field(default_factory=list)
    update: list[Cells] = field(default_factory=list)
    """Rows that are there under their keys, whole or not."""
    move: list[Moved] = field(default_factory=list)
    """Rows that are there under their bases. Those are among the ones to be removed."""
    insert: list[Cells] = field(default_factory=list)


def expected(flow: Flow, net: Net) -> Work | None:
    """Return what is to be done if the target is as the log has it; None if that has to be seen."""
    moved = [move.cells for move in net.moved]
    if moved and not (_brings_everything(flow) and all(None not in cells for cells in moved)):
        return None
    return Work(net.gone, net.changed + net.partial, [], net.fresh + moved)


def _brings_everything(flow: Flow) -> bool:
    """Whether nothing of a row in the target is lost when it is deleted and inserted anew."""
    brought = {value.column.name for value in flow.values if value.source is not None}
    return brought == {column.name for column in flow.target.sent}


def by_absence(rows: Sequence[Cells]) -> dict[Absent, list[Cells]]:
    """Sort rows by what the log leaves out of them."""
    sorted_: dict[Absent, list[Cells]] = {}
    for cells in rows:
        sorted_.setdefault(absent(cells), []).append(cells)
    return sorted_


def absent(cells: Cells) -> Absent:
    """Return where a row has no cells."""
    if None not in cells:
        return _NOTHING
    return frozenset(place for place, cell in enumerate(cells) if cell is None)


_NOTHING: Absent = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a target was found to have."""

    present: Collection[Key]
    """Of all keys that the changes name."""
    lenient: bool
    """Whether it is no wonder if rows are there already, or not yet."""


def named(net: Net, key: KeyOf) -> list[Key]:
    """Return every key that changes name, each once."""
    rows = net.fresh + net.changed + net.partial + [move.cells for move in net.moved]
    bases = [move.base for move in net.moved]
    return list(dict.fromkeys([*net.gone, *bases, *map(key, rows)]))


def judged(net: Net, key: KeyOf, seen: Seen) -> tuple[Work, list[Conflict]]:
    """Return what can be done, and what did not fit. The log's word counts."""
    work = Work(remove=[gone for gone in net.gone if gone in seen.present])
    conflicts = [_conflict(Misfit.MISSING, keys=[k for k in net.gone if k not in seen.present])]
    lost: list[Cells] = []
    for cells in net.changed + net.partial:
        (work.update if key(cells) in seen.present else lost).append(cells)
    for move in net.moved:
        if move.base in seen.present:
            work.move.append(move)
        else:
            lost.append(move.cells)
    whole = [cells for cells in lost if None not in cells]
    parts = [cells for cells in lost if None in cells]
    taken = _taken(work, net, whole, key, seen)
    conflicts += [
        _conflict(Misfit.MISSING, Outcome.INSERTED, whole),
        _conflict(Misfit.PRESENT, Outcome.OVERWRITTEN, taken),
    ]
    work.remove += map(key, taken)
    work.insert = net.fresh + whole
    if seen.lenient:
        conflicts = []
    conflicts.append(_conflict(Misfit.MISSING, Outcome.LEFT_OUT, parts))
    return work, [conflict for conflict in conflicts if conflict.rows or conflict.keys]


def _taken(work: Work, net: Net, whole: list[Cells], key: KeyOf, seen: Seen) -> list[Cells]:
    """Return the rows whose place is taken by one that does not go away."""
    leaving = {*work.remove, *(move.base for move in work.move)}
    coming = [*net.fresh, *whole, *(move.cells for move in work.move)]
    return [cells for cells in coming if (k := key(cells)) in seen.present and k not in leaving]


def _conflict(
    kind: Misfit,
    outcome: Outcome = Outcome.LEFT_OUT,
    rows: Sequence[Cells] = (),
    keys: Sequence[Key] = (),
) -> Conflict:
    return Conflict(kind, outcome, rows, keys)
