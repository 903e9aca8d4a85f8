"""The statements by which rows of one flow reach its target. Pure.

In each, `s` are the rows that come (records with the source's column names) and `t` the target.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.mapping import Flow, Value
from matapalo.stream.names import identifier, listed, literal, own, trusted

_AND = sql.SQL(" AND ")
_COMMA = sql.SQL(", ")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the records that come."""

    place: int
    """Where it is in the source's rows."""
    name: str
    type: str
    """As SQL writes it: a type that takes the cells."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The records of one flow: what they are called in a session, and what they hold."""

    rows: str
    """The name of the row type."""
    keys: str
    """The name of the type of keys alone."""
    fields: tuple[Field, ...]
    key: tuple[Field, ...]


def sent(flow: Flow, number: int, *, binary: bool) -> Sent:
    """Return what the records of a flow look like. A condition may name any column."""
    needed = {value.source for value in flow.values}
    whole = filters(flow)
    fields = {
        place: Field(place, column.name, (column.stage or column.type) if binary else "text")
        for place, column in enumerate(flow.source.sent)
        if whole or place in needed
    }
    key = tuple(fields[place] for place in flow.source_key)
    return Sent(f"matapalo_row_{number}", f"matapalo_key_{number}", tuple(fields.values()), key)


def filters(flow: Flow) -> bool:
    """Return whether rows have to be held against the condition here."""
    return flow.where is not None and not flow.where_at_source


def copyable(flow: Flow, rows: Sent, *, binary: bool) -> bool:
    """Return whether cells can be copied into the target as they are."""
    types = {field.place: field.type for field in rows.fields}
    return all(
        v.source is not None and (types[v.source] == v.column.type or (binary and not v.cast))
        for v in flow.values
    )


def create_type(name: str, fields: Iterable[Field]) -> sql.Composed:
    """Create a row type that lives as long as the session."""
    columns = [
        sql.SQL("{} {}").format(identifier(field.name), trusted(field.type)) for field in fields
    ]
    return sql.SQL("CREATE TYPE {} AS ({})").format(_temporary(name), _COMMA.join(columns))


def copy(flow: Flow) -> sql.Composed:
    """COPY straight into the target."""
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        flow.target.name.sql, listed(value.column.name for value in flow.values)
    )


def insert(flow: Flow, rows: Sent) -> sql.Composed:
    """Insert rows: $1."""
    return sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
        flow.target.name.sql,
        listed(value.column.name for value in flow.values),
        _COMMA.join(_given(value, rows) for value in flow.values),
        _from(rows.rows, "$1", "s"),
    )


def update(flow: Flow, rows: Sent, absent: frozenset[int]) -> sql.Composed | None:
    """Update rows, $1, but for what is absent; nothing where no column is left to be set."""
    changes = [
        sql.SQL("{} = {}").format(identifier(value.column.name), _given(value, rows))
        for value in _settable(flow)
        if value.source not in absent
    ]
    if not changes:
        return None
    return sql.SQL("UPDATE {} AS t SET {} FROM {} WHERE {}").format(
        flow.target.name.sql,
        _COMMA.join(changes),
        _from(rows.rows, "$1", "s"),
        _same_key(flow, rows),
    )


def delete(flow: Flow, rows: Sent) -> sql.Composed:
    """Delete the rows with the keys $1."""
    return sql.SQL("DELETE FROM {} AS t USING {} WHERE {}").format(
        flow.target.name.sql, _from(rows.keys, "$1", "s"), _same_key(flow, rows)
    )


def empty(flow: Flow) -> sql.Composed:
    """Delete all rows that the flow brought."""
    statement = sql.SQL("DELETE FROM {}").format(flow.target.name.sql)
    if flow.where is not None and flow.outside is flow.outside.REFUSE:
        return statement + sql.SQL(" WHERE ({})").format(trusted(flow.where))
    return statement


def truncate(flows: Iterable[Flow]) -> sql.Composed:
    """Truncate the targets of flows, all at once."""
    names = dict.fromkeys(flow.target.name for flow in flows)
    return sql.SQL("TRUNCATE {}").format(_COMMA.join(name.sql for name in names))


def reset(flow: Flow, rows: Sent) -> sql.Composed:
    """Set what a further table brings to the defaults, in the rows with the keys $1."""
    return sql.SQL("UPDATE {} AS t SET {} FROM {} WHERE {}").format(
        flow.target.name.sql, _defaults(flow), _from(rows.keys, "$1", "s"), _same_key(flow, rows)
    )


def reset_all(flow: Flow) -> sql.Composed:
    """Set what a further table brings to the defaults, in every row."""
    return sql.SQL("UPDATE {} SET {}").format(flow.target.name.sql, _defaults(flow))


def carry(flow: Flow, rows: Sent, absent: frozenset[int]) -> sql.Composed:
    """Update rows, $1, taking what is absent from the rows with the keys $2, pair by pair."""
    changes = [
        sql.SQL("{} = {}").format(identifier(value.column.name), _given_or_old(value, rows, absent))
        for value in _settable(flow)
    ]
    return sql.SQL("UPDATE {} AS t SET {} FROM {}, {} AS b WHERE {} AND {}").format(
        flow.target.name.sql,
        _COMMA.join(changes),
        _pairs(rows),
        flow.target.name.sql,
        _same_key(flow, rows),
        _same_key(flow, rows, "b", "o"),
    )


def fits(flow: Flow, rows: Sent) -> sql.Composed:
    """Say which of the rows $1 the condition holds for, counted from 1."""
    names = [field.name for field in rows.fields]
    columns = [
        sql.SQL("CAST(s.{0} AS {1}) AS {0}").format(
            identifier(field.name), trusted(flow.source.sent[field.place].type)
        )
        for field in rows.fields
    ]
    number = identifier(_unused(names))
    return sql.SQL(
        "SELECT {number} FROM (SELECT {columns}, {number} FROM unnest(CAST($1 AS {type}[]))"
        " WITH ORDINALITY AS s({names}, {number})) AS rows WHERE ({where})"
    ).format(
        number=number,
        columns=_COMMA.join(columns),
        type=_temporary(rows.rows),
        names=listed(names),
        where=trusted(flow.where or "true"),
    )


def present(flow: Flow, rows: Sent) -> sql.Composed:
    """Say which of the keys $1 the target has, counted from 1."""
    names = [field.name for field in rows.key]
    number = identifier(_unused(names))
    return sql.SQL(
        "SELECT {number} FROM unnest(CAST($1 AS {type}[])) WITH ORDINALITY AS s({names}, {number})"
        " WHERE EXISTS (SELECT FROM {target} AS t WHERE {same})"
    ).format(
        number=number,
        type=_temporary(rows.keys),
        names=listed(names),
        target=flow.target.name.sql,
        same=_same_key(flow, rows),
    )


def keep_old(flow: Flow, rows: Sent) -> sql.Composed:
    """Keep the rows with the keys $1 as they are now, until `drop_old`."""
    return sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT t.* FROM {} AS t, {} WHERE {}").format(
        identifier(_OLD), flow.target.name.sql, _from(rows.keys, "$1", "s"), _same_key(flow, rows)
    )


def drop_old() -> sql.Composed:
    """Forget the rows that were kept."""
    return sql.SQL("DROP TABLE {}").format(_temporary(_OLD))


def restore(flow: Flow, rows: Sent, absent: frozenset[int]) -> sql.Composed:
    """Insert rows, $1, in place of the kept ones with the keys $2, pair by pair.

    What is absent, and what the flow does not bring, is as it was.
    """
    values = {value.column.name: value for value in flow.values}
    columns = flow.target.sent
    given = [
        _given_or_old(values[column.name], rows, absent)
        if column.name in values and values[column.name].source is not None
        else sql.SQL("b.{}").format(identifier(column.name))
        for column in columns
    ]
    return sql.SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}, {} AS b WHERE {}"
    ).format(
        flow.target.name.sql,
        listed(column.name for column in columns),
        _COMMA.join(given),
        _pairs(rows),
        _temporary(_OLD),
        _same_key(flow, rows, "b", "o"),
    )


def record(flow: Flow, rows: Sent, *, keys_only: bool) -> sql.Composed:
    """Keep rows (or keys), $1, that did not fit.

    $2 is the stream, $3 the position, $4 what is wrong, $5 what was done, $6 the absent columns.
    """
    key = _COMMA.join(
        sql.SQL("{}, s.{}").format(literal(field.name), identifier(field.name))
        for field in rows.key
    )
    return sql.SQL(
        "INSERT INTO {} (stream, lsn, schema_name, table_name, kind, outcome, absent, key, row)"
        " SELECT $2, $3::text::pg_lsn, {}, {}, $4, $5, $6::text[], jsonb_build_object({}), {}"
        " FROM {}"
    ).format(
        own("conflict"),
        literal(flow.target.name.schema),
        literal(flow.target.name.table),
        key,
        sql.SQL("NULL" if keys_only else "to_jsonb(s)"),
        _from(rows.keys if keys_only else rows.rows, "$1", "s"),
    )


_OLD = "matapalo_old"


def _temporary(name: str) -> sql.Identifier:
    return sql.Identifier("pg_temp", name)


def _from(type_: str, parameter: str, alias: str) -> sql.Composed:
    return sql.SQL("unnest(CAST({} AS {}[])) AS {}").format(
        sql.SQL(parameter), _temporary(type_), identifier(alias)
    )


def _pairs(rows: Sent) -> sql.Composed:
    """The rows $1 as `s`, each beside a key of $2 as `o`."""
    number = identifier(_unused([field.name for field in rows.fields]))
    return sql.SQL(
        "unnest(CAST($1 AS {}[])) WITH ORDINALITY AS s({}, {}) JOIN"
        " unnest(CAST($2 AS {}[])) WITH ORDINALITY AS o({}, {}) USING ({})"
    ).format(
        _temporary(rows.rows), listed(field.name for field in rows.fields), number,
        _temporary(rows.keys), listed(field.name for field in rows.key), number, number,
    )  # fmt: skip


def _unused(names: Iterable[str]) -> str:
    taken = set(names)
    number = "n"
    while number in taken:
        number += "n"
    return number


def _settable(flow: Flow) -> list[Value]:
    """What an update sets: neither the key, nor what is set once, nor what refuses to be."""
    return [
        value
        for place, value in enumerate(flow.values)
        if place not in flow.key and value.source is not None and value.column.identity != "a"
    ]


def _given(value: Value, rows: Sent) -> sql.Composed:
    """The value that a row brings to a column."""
    if value.source is None:
        return sql.SQL("CAST({} AS {})").format(
            literal(value.constant or ""), trusted(value.cast_type)
        )
    field = next(field for field in rows.fields if field.place == value.source)
    return _as(value, field, "s")


def _given_or_old(value: Value, rows: Sent, absent: frozenset[int]) -> sql.Composed:
    if value.source in absent:
        return sql.SQL("b.{}").format(identifier(value.column.name))
    return _given(value, rows)


def _same_key(flow: Flow, rows: Sent, there: str = "t", here: str = "s") -> sql.Composed:
    keys = [flow.values[place] for place in flow.key]
    return _AND.join(
        sql.SQL("{}.{} = {}").format(
            identifier(there), identifier(value.column.name), _as(value, field, here)
        )
        for value, field in zip(keys, rows.key, strict=True)
    )


def _as(value: Value, field: Field, alias: str) -> sql.Composed:
    """A field as the column takes it. The column's length is left to the assignment."""
    name = sql.SQL("{}.{}").format(identifier(alias), identifier(field.name))
    if field.type == value.column.type:
        return name
    return sql.SQL("CAST({} AS {})").format(name, trusted(value.cast_type))


def _defaults(flow: Flow) -> sql.Composed:
    return _COMMA.join(
        sql.SQL("{} = DEFAULT").format(identifier(value.column.name)) for value in _settable(flow)
    )
