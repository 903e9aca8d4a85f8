"""Collapsing: many changes of many rows become one change a row, as the target sees it.

    insert 7 ▸ update 7 ▸ update 3 ▸ delete 9 ▸ update 3 ──collapse──▶ fresh 7, changed 3, gone 9

What a target can tell is a row's key and its content before and after. So all that is kept of a
row is its last content, and its **base**: the key under which the target has it now.

The result is set-wise, and its order of application is fixed: empty the table, fetch what moved
rows need of their old versions, remove what is gone, change, add what is fresh. A key that one row
leaves and another takes is gone and fresh at the same time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

from matapalo.stream.pgoutput import Cells, Change, Kind, Relation

Key: TypeAlias = bytes | tuple[bytes, ...]
"""The cells of a row's key: one alone, or several together."""

_INSERT, _DELETE = int(Kind.INSERT), int(Kind.DELETE)
_PARTIAL, _TRUNCATE = int(Kind.PARTIAL), int(Kind.TRUNCATE)

KeyOf = Callable[[Cells], Key]


@dataclass(frozen=True, slots=True)
class Moved:
    """A row whose key has changed."""

    base: Key
    """The key under which the target has it."""
    cells: Cells
    """Where there is None, it keeps the target's value."""


@dataclass(slots=True)
class Net:
    """What is to be done to the rows of one table."""

    relation: Relation
    emptied: bool = False
    """Whether all rows that the target has now go, before anything else."""
    gone: list[Key] = field(default_factory=list)
    """Rows of the target that go."""
    fresh: list[Cells] = field(default_factory=list)
    """Whole rows that the target has no version of."""
    changed: list[Cells] = field(default_factory=list)
    """Whole rows in place of those with the same keys."""
    partial: list[Cells] = field(default_factory=list)
    """Rows that keep the target's values where there is None."""
    moved: list[Moved] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows it touches."""
        kept = len(self.fresh) + len(self.changed) + len(self.partial) + len(self.moved)
        return len(self.gone) + kept


def key_of(places: tuple[int, ...]) -> KeyOf:
    """Return the function from a row's cells to its key."""
    getter: Callable[[Cells], Key] = itemgetter(*places)
    return getter


def collapse(changes: Iterable[Change], key: Callable[[Relation], KeyOf]) -> Iterator[list[Net]]:
    """Yield what is to be done, one list after another; within a list, order does not matter.

    A table that was altered between changes begins a new list, for its rows look different.
    `key` gives the function from rows of a table to their keys.
    """
    tables: dict[int, _Rows] = {}
    for kind, relation, new, old in changes:
        rows = tables.get(relation.id)
        if rows is None or rows.relation is not relation:
            if rows is not None:
                yield [table.net() for table in tables.values()]
                tables = {}
            rows = tables[relation.id] = _Rows(relation, key(relation))
        rows.take(kind, new, old)
    if tables:
        yield [table.net() for table in tables.values()]


class _Rows:
    """The rows of one table that changes have touched so far."""

    def __init__(self, relation: Relation, key: KeyOf) -> None:
        self.relation = relation
        self._key = key
        self._emptied = False
        self._rows: dict[Key, tuple[Key | None, Cells]] = {}
        """By its key now: a row's base (None if the target has no version of it), and its cells."""
        self._gone: dict[Key, None] = {}
        """Bases that are no longer there under their keys, in the order of their going."""

    def take(self, kind: int, new: Cells, old: Cells | None) -> None:
        """Take one more change."""
        if kind == _INSERT:
            self._rows[self._key(new)] = (None, new)
        elif kind == _DELETE:
            self._delete(self._key(old or []))
        elif kind == _TRUNCATE:
            self._truncate()
        else:
            self._update(kind, new, old)

    def net(self) -> Net:
        """Return what remains."""
        net = Net(self.relation, self._emptied, gone=list(self._gone))
        for key, (base, cells) in self._rows.items():
            if base is None:
                net.fresh.append(cells)
            elif base != key:
                net.moved.append(Moved(base, cells))
            elif None in cells:
                net.partial.append(cells)
            else:
                net.changed.append(cells)
        return net

    def _update(self, kind: int, new: Cells, old: Cells | None) -> None:
        key = self._key(new)
        was = key if old is None else self._key(old)
        if was != key:
            base, cells = self._rows.pop(was, (was, None))
            self._leave(base, key)
        else:
            base, cells = self._rows.get(key, (key, None))
        if kind == _PARTIAL and cells is not None:
            new = [cell if mine is None else mine for mine, cell in zip(new, cells, strict=True)]
        self._rows[key] = (base, new)

    def _leave(self, base: Key | None, key: Key) -> None:
        """Note that a row is under another key than the target has it, or back under that one."""
        if base == key:
            self._gone.pop(base, None)
        elif base is not None:
            self._gone[base] = None

    def _delete(self, key: Key) -> None:
        base, _ = self._rows.pop(key, (key, None))
        if base is not None:
            self._gone[base] = None

    def _truncate(self) -> None:
        self._emptied = True
        self._rows.clear()
        self._gone.clear()
