"""Types that users made: enums, domains, rows, ranges; and types that extensions brought."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.rows import class_row

from matapalo.stream.catalog import types
from matapalo.stream.database import Connection, answers
from matapalo.stream.shape import Shape


@dataclass(frozen=True, slots=True)
class MadeType:
    """A type that PostgreSQL does not bring itself."""

    oid: int
    schema: str
    name: str
    kind: str
    extension: str | None
    """The extension that it belongs to, and that makes it."""
    definition: str | None
    """What makes it, as SQL after CREATE; nothing where only an extension or a table does."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


_MADE = """
SELECT t.oid::int8, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind,
  (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
   WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e') AS extension,
  CASE t.typtype
    WHEN 'e' THEN
      (SELECT format('TYPE %%I.%%I AS ENUM (%%s)', n.nspname, t.typname,
                     string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder))
       FROM pg_enum WHERE enumtypid = t.oid)
    WHEN 'd' THEN
      format('DOMAIN %%I.%%I AS %%s%%s%%s%%s', n.nspname, t.typname,
             format_type(t.typbasetype, t.typtypmod), ' DEFAULT ' || t.typdefault,
             CASE WHEN t.typnotnull THEN ' NOT NULL' END,
             (SELECT string_agg(format(' CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid)),
                                '' ORDER BY conname)
              FROM pg_constraint WHERE contypid = t.oid AND contype = 'c'))
    WHEN 'c' THEN
      (SELECT format('TYPE %%I.%%I AS (%%s)', n.nspname, t.typname,
                     string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)),
                                ', ' ORDER BY attnum))
       FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
       WHERE attrelid = t.typrelid AND c.relkind = 'c' AND attnum > 0 AND NOT attisdropped
       HAVING count(*) > 0)
    WHEN 'r' THEN
      (SELECT format('TYPE %%I.%%I AS RANGE (SUBTYPE = %%s)', n.nspname, t.typname,
                     format_type(rngsubtype, NULL))
       FROM pg_range WHERE rngtypid = t.oid)
  END AS definition
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid = ANY(%s::oid[]) AND t.oid >= 16384 AND t.typtype <> 'm'
  AND NOT (t.typcategory = 'A' AND t.typelem <> 0)
"""


def made_types(connection: Connection, shapes: Iterable[Shape]) -> tuple[MadeType, ...]:
    """Return the made types that the tables' columns use, each after those that it needs itself.

    Raises DatabaseSilent or DatabaseRefused.
    """
    oids = {column.oid for shape in shapes for column in shape.columns if column.oid}
    with answers(connection), connection.transaction():
        known = types.read(connection, oids)
        with connection.cursor(row_factory=class_row(MadeType)) as cursor:
            cursor.execute(_MADE.encode(), [sorted(known)])
            found = cursor.fetchall()
    order = {oid: place for place, oid in enumerate(_needed_first(known))}
    return tuple(sorted(found, key=lambda made: order[made.oid]))


def _needed_first(known: types.Types) -> Iterable[int]:
    seen: set[int] = set()

    def visit(oid: int) -> Iterable[int]:
        if oid in seen or oid not in known:
            return
        seen.add(oid)
        this = known[oid]
        for needed in (this.element, this.base, *this.parts):
            yield from visit(needed)
        yield oid

    for oid in sorted(known):
        yield from visit(oid)
