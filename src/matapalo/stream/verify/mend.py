"""The statements that put rows right: what is extra goes, what differs is set, the rest comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.mapping import Flow, Value
from matapalo.stream.names import identifier, trusted
from matapalo.stream.shape import Column
from matapalo.stream.verify.outcome import Difference, Fault
from matapalo.stream.verify.side import Key, Side
from matapalo.stream.verify.view import compared, views

Texts = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Mend:
    """A statement about one row, and its values as text."""

    sql: sql.Composed
    values: tuple[str | None, ...]


def mend(
    flow: Flow, wrong: Sequence[Difference], *, moment_of: Side, forward: bool
) -> Iterator[Mend]:
    """Yield the statements, those that make room first.

    `moment_of` is the side that is right: the monolith's if `forward`.
    """
    gone = Fault.EXTRA if forward else Fault.MISSING
    columns = _Columns(flow, forward=forward)
    for one in wrong:
        if one.fault is gone:
            yield columns.delete(one.key)
    kept = [one for one in wrong if one.fault is not gone]
    right = moment_of.texts(views(flow)[0 if forward else 1], [one.key for one in kept])
    for one in kept:
        if one.fault is Fault.DIFFERENT and right[one.key]:
            yield columns.update(one.key, right[one.key])
    for one in kept:
        if one.fault is not Fault.DIFFERENT:
            yield columns.insert(one.key, right[one.key])


class _Columns:
    """The columns of the table that is written."""

    def __init__(self, flow: Flow, *, forward: bool) -> None:
        self._flow = flow
        self._forward = forward
        self._table = (flow.target if forward else flow.source).name
        self._key = [self._own(flow.values[i]) for i in flow.key]
        self._rest = [self._own(value) for value in compared(flow)]

    def delete(self, key: Key) -> Mend:
        """Return the statement that deletes a row."""
        text = sql.SQL("DELETE FROM {} WHERE {}").format(_quoted(self._table.sql), self._at_key)
        return Mend(text, key)

    def update(self, key: Key, values: Texts) -> Mend:
        """Return the statement that sets a row's values."""
        text = sql.SQL("UPDATE {} SET {} WHERE {}").format(
            _quoted(self._table.sql), sql.SQL(", ").join(map(_equals, self._rest)), self._at_key
        )
        return Mend(text, (*values, *key))

    def insert(self, key: Key, values: Texts) -> Mend:
        """Return the statement that inserts a row, with its constants."""
        constants = self._flow.constants if self._forward else ()
        columns = [*self._key, *self._rest, *(value.column for value in constants)]
        text = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
            _quoted(self._table.sql),
            sql.SQL(", ").join(_quoted(identifier(column.name)) for column in columns),
            sql.SQL(", ").join(map(_value, columns)),
        )
        return Mend(text, (*key, *values, *(value.constant for value in constants)))

    @property
    def _at_key(self) -> sql.Composed:
        return sql.SQL(" AND ").join(map(_equals, self._key))

    def _own(self, value: Value) -> Column:
        if self._forward or value.source is None:
            return value.column
        return self._flow.source.sent[value.source]


def _equals(column: Column) -> sql.Composed:
    return sql.SQL("{} = {}").format(_quoted(identifier(column.name)), _value(column))


def _value(column: Column) -> sql.Composed:
    return sql.SQL("%s::text::{}").format(_quoted(trusted(column.type)))


def _quoted(thing: sql.Composable) -> sql.SQL:
    """Return SQL in which a percent sign of a name is none of a placeholder's."""
    return trusted(thing.as_string().replace("%", "%%"))
