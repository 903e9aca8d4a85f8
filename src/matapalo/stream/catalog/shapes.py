"""Reading shapes: columns, key and replica identity of tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from psycopg.rows import class_row

from matapalo.stream.catalog import types
from matapalo.stream.database import Connection, answers
from matapalo.stream.shape import Column, Identity, Kind, Name, Shape


@dataclass(frozen=True, slots=True)
class _Table:
    oid: int
    schema: str
    name: str
    kind: str
    identity: str


@dataclass(frozen=True, slots=True)
class _Column:
    table: int
    name: str
    type: str
    oid: int
    nullable: bool
    default: str | None
    identity: str
    generated: str
    collation: str | None
    toastable: bool


@dataclass(frozen=True, slots=True)
class _Key:
    """A unique index whose columns are never empty."""

    table: int
    primary: bool
    identity: bool
    columns: tuple[str, ...]


T = TypeVar("T")

_TABLES = """
SELECT c.oid::int8, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
       c.relreplident::text AS identity
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
  ON n.nspname = wanted.schema AND c.relname = wanted.name
WHERE c.relkind IN ('r', 'p')
"""

_COLUMNS = """
SELECT a.attrelid::int8 AS table, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type, a.atttypid::int8 AS oid,
       NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS default,
       a.attidentity::text AS identity, a.attgenerated::text AS generated,
       (SELECT format('%%I.%%I', n.nspname, c.collname)
        FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
        WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation) AS collation,
       a.attstorage <> 'p' AS toastable
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_KEYS = """
SELECT i.indrelid::int8 AS table, i.indisprimary AS primary, i.indisreplident AS identity,
       array_agg(a.attname::text ORDER BY k.place) AS columns
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = ANY(%s::oid[]) AND i.indisunique AND i.indimmediate AND i.indisvalid
  AND i.indpred IS NULL AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indrelid, i.indisprimary, i.indisreplident
HAVING bool_and(coalesce(a.attnotnull, false))
ORDER BY i.indisprimary DESC, i.indexrelid
"""


def shapes(connection: Connection, names: Iterable[Name]) -> dict[Name, Shape]:
    """Read the tables of these names; those that are not there are not in the answer.

    Raises DatabaseSilent or DatabaseRefused.
    """
    wanted = sorted(set(names))
    with answers(connection), connection.transaction():
        tables = _rows(
            connection, _Table, _TABLES, [n.schema for n in wanted], [n.table for n in wanted]
        )
        oids = [table.oid for table in tables]
        columns = _rows(connection, _Column, _COLUMNS, oids)
        keys = _rows(connection, _Key, _KEYS, oids)
        known = types.read(connection, {column.oid for column in columns})
    return {shape.name: shape for shape in (_shape(t, columns, keys, known) for t in tables)}


def missing(names: Iterable[Name], found: Mapping[Name, Shape]) -> tuple[Name, ...]:
    """Return the names of which no table was found."""
    return tuple(name for name in dict.fromkeys(names) if name not in found)


def _rows(connection: Connection, row: type[T], query: str, *values: object) -> list[T]:
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def _shape(table: _Table, columns: list[_Column], keys: list[_Key], known: types.Types) -> Shape:
    own_columns = tuple(_column(c, known) for c in columns if c.table == table.oid)
    own_keys = [key for key in keys if key.table == table.oid]
    identity = Identity(table.identity)
    return Shape(
        name=Name(table.schema, table.name),
        columns=own_columns,
        key=_key(identity, own_keys),
        identity=identity,
        identity_columns=_logged(identity, own_keys, own_columns),
        kind=Kind(table.kind),
    )


def _column(column: _Column, known: types.Types) -> Column:
    return Column(
        name=column.name,
        type=column.type,
        oid=column.oid,
        nullable=column.nullable,
        default=column.default,
        identity=column.identity,
        generated=column.generated,
        collation=column.collation,
        portable=types.portable(known, column.oid),
        stage=types.stage(known, column.oid, column.type),
        toastable=column.toastable,
    )


def _key(identity: Identity, keys: list[_Key]) -> tuple[str, ...]:
    """Return the columns by which a row's old version can be found.

    Where the log names rows by an index of its own, that is the only key that a delete tells.
    """
    if identity is Identity.INDEX:
        return next((tuple(key.columns) for key in keys if key.identity), ())
    primary = next((tuple(key.columns) for key in keys if key.primary), ())
    if not primary and identity is Identity.FULL and keys:
        return tuple(keys[0].columns)
    return primary


def _logged(identity: Identity, keys: list[_Key], columns: tuple[Column, ...]) -> tuple[str, ...]:
    match identity:
        case Identity.FULL:
            return tuple(column.name for column in columns if not column.generated)
        case Identity.NOTHING:
            return ()
        case _:
            return _key(identity, keys)
