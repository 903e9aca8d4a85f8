"""Reading what belongs to a table besides its columns: what a target made from it gets as well."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from psycopg.rows import dict_row

from matapalo.stream.database import Connection, answers
from matapalo.stream.shape import Name

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Index:
    """An index besides the key. Where a constraint stands on it, that is what is made."""

    name: str
    unique: bool
    columns: tuple[str, ...]
    """Every column that it needs, those in expressions and in its condition included."""
    definition: str
    """The SQL after the table's name: `USING btree (…)`, or the constraint: `UNIQUE (…)`."""
    constraint: bool
    primary: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that every row holds."""

    name: str
    columns: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that name a row of another table."""

    name: str
    columns: tuple[str, ...]
    references: Name
    referenced: tuple[str, ...]
    rest: str
    """What happens on update and delete, and when it is checked, as SQL."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """What numbers a column. `owned` where it goes with the column: serial and identity."""

    name: Name
    column: str
    owned: bool
    options: str
    """Its type, start, step, limits and cache, as SQL."""


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a partitioned table, perhaps partitioned itself."""

    name: Name
    parent: Name
    bound: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Trimming:
    """Everything that belongs to one table."""

    partition_key: str | None = None
    partitions: tuple[Partition, ...] = ()
    indexes: tuple[Index, ...] = ()
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    triggers: tuple[str, ...] = field(default=())
    """Names only: they are not made on a target."""


def trimming(connection: Connection, name: Name) -> Trimming:
    """Read what belongs to a table. Raises DatabaseSilent or DatabaseRefused."""
    with answers(connection), connection.transaction():
        return Trimming(
            partition_key=_partition_key(connection, name),
            partitions=tuple(_partitions(connection, name)),
            indexes=tuple(_rows(connection, Index, _INDEXES, name)),
            checks=tuple(_rows(connection, Check, _CHECKS, name)),
            foreign_keys=tuple(_foreign_keys(connection, name)),
            sequences=numbering(connection, [name])[name],
            triggers=tuple(row[0] for row in _ask(connection, _TRIGGERS, name)),
        )


def numbering(connection: Connection, names: Collection[Name]) -> dict[Name, tuple[Sequence, ...]]:
    """Read the sequences of many tables at once. Raises DatabaseSilent or DatabaseRefused.

    A serial column has its sequence twice: owned, and in its default. Once is enough.
    """
    found: dict[Name, dict[tuple[Name, str], Sequence]] = {name: {} for name in names}
    with answers(connection):
        rows = connection.execute(
            _SEQUENCES, [[n.schema for n in names], [n.table for n in names]]
        ).fetchall()
    for above, table, schema, name, column, owned, options in rows:
        sequence = Sequence(Name(schema, name), column, owned, options)
        found[Name(above, table)].setdefault((sequence.name, column), sequence)
    return {name: tuple(sequences.values()) for name, sequences in found.items()}


# A name as text is read by the type regclass, so it has to be quoted.
_OID = "format('%%I.%%I', %(schema)s::text, %(table)s::text)::regclass"

_INDEXES = f"""
SELECT x.relname AS name, i.indisunique AS unique,
       ARRAY(SELECT DISTINCT a.attname::text
             FROM pg_depend d JOIN pg_attribute a
               ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.refobjid = i.indrelid AND d.refobjsubid > 0
               AND d.objid IN (x.oid, c.oid)) AS columns,
       coalesce(pg_get_constraintdef(c.oid),
                'USING ' || substr(d.text, strpos(d.text, d.head) + length(d.head))) AS definition,
       c.oid IS NOT NULL AS constraint, i.indisprimary AS primary
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid
                         AND c.contype IN ('u', 'x', 'p')
CROSS JOIN LATERAL (
    SELECT pg_get_indexdef(x.oid) AS text,
           format(' %%s USING ', i.indrelid::regclass) AS head
) AS d
WHERE i.indrelid = {_OID} AND i.indisvalid
ORDER BY x.relname
"""  # noqa: S608 - only a constant is put into it

_CHECKS = f"""
SELECT conname AS name,
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = conrelid AND attnum = ANY(conkey)) AS columns,
       pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE conrelid = {_OID} AND contype = 'c' ORDER BY conname
"""  # noqa: S608 - only a constant is put into it

_FOREIGN_KEYS = f"""
SELECT c.conname, n.nspname, f.relname, c.confupdtype::text, c.confdeltype::text,
       c.confmatchtype::text, c.condeferrable, c.condeferred,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
             ORDER BY k.place),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number
             ORDER BY k.place)
FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid
JOIN pg_namespace n ON n.oid = f.relnamespace
WHERE c.conrelid = {_OID} AND c.contype = 'f' AND c.conparentid = 0 ORDER BY c.conname
"""  # noqa: S608 - only a constant is put into it

_SEQUENCES = """
SELECT t.nspname, c.relname, n.nspname, s.relname, a.attname, d.deptype IN ('a', 'i') AS owned,
       format('AS %%s START %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s CACHE %%s %%s',
              format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax,
              q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
FROM unnest(%s::text[], %s::text[]) AS wanted(schema, name)
JOIN pg_namespace t ON t.nspname = wanted.schema
JOIN pg_class c ON c.relnamespace = t.oid AND c.relname = wanted.name
JOIN LATERAL (
    SELECT objid AS sequence, refobjsubid AS attnum, deptype FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
      AND refclassid = 'pg_class'::regclass AND refobjid = c.oid
  UNION ALL
    SELECT p.refobjid, v.adnum, p.deptype FROM pg_depend p JOIN pg_attrdef v ON v.oid = p.objid
    WHERE p.classid = 'pg_attrdef'::regclass AND p.refclassid = 'pg_class'::regclass
      AND v.adrelid = c.oid
) AS d ON true
JOIN pg_sequence q ON q.seqrelid = d.sequence
JOIN pg_class s ON s.oid = q.seqrelid JOIN pg_namespace n ON n.oid = s.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.attnum
ORDER BY t.nspname, c.relname, a.attnum, owned DESC
"""

_PARTITIONS = f"""
SELECT n.nspname, c.relname, pn.nspname, p.relname, pg_get_expr(c.relpartbound, c.oid),
       pg_get_partkeydef(c.oid)
FROM pg_partition_tree({_OID}) t JOIN pg_class c ON c.oid = t.relid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = t.parentrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE t.level > 0 ORDER BY t.level, n.nspname, c.relname
"""  # noqa: S608 - only a constant is put into it

_TRIGGERS = f"""
SELECT tgname::text FROM pg_trigger WHERE tgrelid = {_OID} AND NOT tgisinternal ORDER BY tgname
"""  # noqa: S608 - only a constant is put into it

_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"f": "MATCH FULL", "p": "MATCH PARTIAL"}


def _partition_key(connection: Connection, name: Name) -> str | None:
    key = _ask(connection, f"SELECT pg_get_partkeydef({_OID})", name)[0][0]
    return str(key) if key else None


def _partitions(connection: Connection, name: Name) -> Iterable[Partition]:
    for schema, table, above, parent, bound, key in _ask(connection, _PARTITIONS, name):
        yield Partition(Name(schema, table), Name(above, parent), bound, key)


def _foreign_keys(connection: Connection, name: Name) -> Iterable[ForeignKey]:
    for row in _ask(connection, _FOREIGN_KEYS, name):
        key, schema, table, update, delete, match, deferrable, deferred, columns, referenced = row
        rest = [
            _MATCHES.get(match, ""),
            f"ON UPDATE {_ACTIONS[update]}" if update in _ACTIONS else "",
            f"ON DELETE {_ACTIONS[delete]}" if delete in _ACTIONS else "",
            "DEFERRABLE" if deferrable else "",
            "INITIALLY DEFERRED" if deferred else "",
        ]
        yield ForeignKey(
            key,
            tuple(columns),
            Name(schema, table),
            tuple(referenced),
            " ".join(word for word in rest if word),
        )


def _rows(connection: Connection, row: type[T], query: str, name: Name) -> list[T]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(query.encode(), {"schema": name.schema, "table": name.table})
        return [row(**{**found, "columns": tuple(found["columns"])}) for found in cursor]


def _ask(connection: Connection, query: str, name: Name) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query.encode(), {"schema": name.schema, "table": name.table})
        return cursor.fetchall()
