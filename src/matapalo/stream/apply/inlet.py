"""An inlet: how the rows of one flow get into its target, in one session."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from matapalo.stream.apply import statements
from matapalo.stream.apply.conflict import Conflict
from matapalo.stream.apply.record import Binary, Record, copied, picker
from matapalo.stream.apply.work import Absent, absent
from matapalo.stream.batch import Key, KeyOf, Moved, key_of
from matapalo.stream.database import Connection
from matapalo.stream.lsn import written
from matapalo.stream.mapping import Flow
from matapalo.stream.names import Stream
from matapalo.stream.pgoutput import Cells

_WORTH_A_COPY = 200
"""So many rows go in quicker by a COPY of their own, in spite of two more round trips."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that was sent, and how many rows it has to touch."""

    cursor: psycopg.Cursor[tuple[object, ...]]
    rows: int

    @property
    def met(self) -> bool:
        """Whether it touched as many."""
        return self.cursor.rowcount == self.rows


class Inlet:
    """Sends rows of one flow to its target. It decides nothing and opens no transaction."""

    def __init__(self, connection: Connection, flow: Flow, number: int, *, binary: bool) -> None:
        """Create the session's own types for the flow's rows."""
        self.flow = flow
        self.filters = statements.filters(flow)
        self.key: KeyOf = key_of(flow.source_key)
        self._connection = connection
        self._sent = sent = statements.sent(flow, number, binary=binary)
        self._rows = self._type(sent.rows, sent.fields)
        self._keys = self._type(sent.keys, sent.key)
        places = [field.place for field in sent.fields]
        self._pick = picker(places, len(flow.source.sent))
        self._copy = self._copying() if statements.copyable(flow, sent, binary=binary) else None
        self._texts: dict[tuple[object, ...], bytes | None] = {}

    def insert(self, rows: Sequence[Cells]) -> Asked:
        """Insert rows."""
        return self._ask(len(rows), ("insert",), statements.insert, self._array(rows))

    def copies(self, rows: Sequence[Cells]) -> bool:
        """Return whether so many rows are better copied than inserted."""
        return self._copy is not None and len(rows) >= _WORTH_A_COPY

    def copy(self, rows: Sequence[Cells]) -> None:
        """Copy rows into the target. Not within a pipeline."""
        if self._copy is None:
            raise TypeError(f"rows of {self.flow} have to be inserted")
        with psycopg.RawCursor(self._connection).copy(self._copy.statement) as copy:
            copy.write(copied(map(self._copy.pick, rows), len(self.flow.values)))

    def update(self, rows: Sequence[Cells], missing: Absent) -> Asked | None:
        """Update rows that lack the same cells; nothing where there is nothing to set."""
        return self._ask_maybe(
            len(rows),
            ("update", missing),
            lambda flow, sent: statements.update(flow, sent, missing),
            self._array(rows),
        )

    def remove(self, keys: Sequence[Key]) -> Asked:
        """Delete rows."""
        return self._ask(len(keys), ("delete",), statements.delete, self._key_array(keys))

    def reset(self, keys: Sequence[Key]) -> Asked | None:
        """Set a further table's columns to their defaults."""
        return self._ask_maybe(len(keys), ("reset",), statements.reset, self._key_array(keys))

    def carry(self, moves: Sequence[Moved]) -> None:
        """Update rows from others: those of a further table whose key has changed."""
        for move in moves:
            missing = absent(move.cells)
            self._ask(
                1,
                ("carry", missing),
                lambda flow, sent, missing=missing: statements.carry(flow, sent, missing),  # type: ignore[misc]  # the default is an Absent
                self._array([move.cells]),
                self._key_array([move.base]),
            )

    def keep_old(self, keys: Sequence[Key]) -> None:
        """Keep rows as they are now."""
        # The table differs each time, so a prepared statement would be of no use.
        self._ask(len(keys), ("keep",), statements.keep_old, self._key_array(keys))

    def drop_old(self) -> None:
        """Forget the rows that were kept."""
        self._connection.execute(statements.drop_old())

    def restore(self, rows: Sequence[Cells], bases: Sequence[Key], missing: Absent) -> Asked:
        """Insert rows in place of kept ones."""
        return self._ask(
            len(rows),
            ("restore", missing),
            lambda flow, sent: statements.restore(flow, sent, missing),
            self._array(rows),
            self._key_array(bases),
        )

    def present(self, keys: Sequence[Key]) -> frozenset[Key]:
        """Return those keys that the target has."""
        asked = self._ask(0, ("present",), statements.present, self._key_array(keys))
        return frozenset(keys[number - 1] for number in _numbers(asked))

    def fitting(self, rows: Sequence[Cells]) -> frozenset[int]:
        """Return the places of those rows for which the flow's condition holds."""
        asked = self._ask(0, ("fits",), statements.fits, self._array(rows))
        return frozenset(number - 1 for number in _numbers(asked))

    def record(self, stream: Stream, position: int, conflict: Conflict) -> None:
        """Keep what did not fit."""
        names = [column.name for column in self.flow.source.sent]
        said = [stream.on_server, written(position), conflict.kind, conflict.outcome]
        if conflict.keys:
            self._ask(
                0,
                ("record keys",),
                lambda flow, sent: statements.record(flow, sent, keys_only=True),
                self._key_array(conflict.keys), *said, [],
            )  # fmt: skip
        for cells in conflict.rows:
            self._ask(
                0,
                ("record rows",),
                lambda flow, sent: statements.record(flow, sent, keys_only=False),
                self._array([cells]), *said, [names[place] for place in sorted(absent(cells))],
            )  # fmt: skip

    def empty(self) -> None:
        """Delete everything that the flow brought."""
        statement = statements.empty(self.flow)
        if self.flow.part is self.flow.part.FURTHER:
            statement = statements.reset_all(self.flow)
        self._connection.execute(statement)

    def _ask(
        self,
        rows: int,
        name: tuple[object, ...],
        make: Callable[[Flow, statements.Sent], sql.Composed | None],
        *values: object,
    ) -> Asked:
        asked = self._ask_maybe(rows, name, make, *values)
        if asked is None:
            raise TypeError(f"no statement {name} for {self.flow}")
        return asked

    def _ask_maybe(
        self,
        rows: int,
        name: tuple[object, ...],
        make: Callable[[Flow, statements.Sent], sql.Composed | None],
        *values: object,
    ) -> Asked | None:
        """Send a statement; its text is made once."""
        if name not in self._texts:
            statement = make(self.flow, self._sent)
            self._texts[name] = statement.as_bytes(self._connection) if statement else None
        text = self._texts[name]
        if text is None:
            return None
        cursor: psycopg.Cursor[tuple[object, ...]] = psycopg.RawCursor(self._connection)
        return Asked(cursor.execute(text, values), rows)

    def _array(self, rows: Iterable[Cells]) -> Binary:
        return self._rows.array([self._pick(cells) for cells in rows])

    def _key_array(self, keys: Iterable[Key]) -> Binary:
        return self._keys.array([(key,) if isinstance(key, bytes) else key for key in keys])

    def _type(self, name: str, fields: Sequence[statements.Field]) -> Record:
        self._connection.execute(statements.create_type(name, fields))
        row = self._connection.execute(
            """SELECT t.oid::int8, ARRAY(SELECT atttypid::int8 FROM pg_attribute
                                         WHERE attrelid = t.typrelid AND attnum > 0 ORDER BY attnum)
               FROM pg_type t WHERE t.oid = to_regtype(%s)""",
            [f"pg_temp.{name}"],
        ).fetchone()
        if row is None:
            raise TypeError(f"the type {name} is not there")
        return Record(row[0], tuple(row[1]))

    def _copying(self) -> "_Copying":
        places = [value.source for value in self.flow.values if value.source is not None]
        return _Copying(
            statements.copy(self.flow).as_bytes(self._connection),
            picker(places, len(self.flow.source.sent)),
        )


@dataclass(frozen=True, slots=True)
class _Copying:
    statement: bytes
    pick: Callable[[Cells], list[bytes]]


def _numbers(asked: Asked) -> list[int]:
    return [number for (number,) in asked.cursor.fetchall() if isinstance(number, int)]
