"""Types: whether their binary cells mean the same on another server, and what else takes them.

Most do: numbers, texts, times, JSON, ranges of such, and what extensions bring. Where a cell holds
numbers of the catalog, it does not: an array begins with the number of its elements' type, a row
has one for every column, and a `regclass` is nothing but a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.rows import class_row

from matapalo.stream.database import Connection

BUILT_IN = 10_000
"""Numbers below are the same on every server of every version."""

_BY_NUMBER = frozenset(
    {
        "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper",
        "regoperator", "regproc", "regprocedure", "regrole", "regtype",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """A type, as far as copying its values goes."""

    oid: int
    name: str
    """As SQL writes it."""
    kind: str
    """b(ase), c(omposite), d(omain), e(num), r(ange), m(ultirange), p(seudo)."""
    sends: bool
    """Whether it has a binary form at all."""
    element: int
    """An array's: the type of its elements."""
    base: int
    """A domain's: the type that it narrows; a range's: the type of its bounds."""
    base_name: str
    """A domain's: that type with its length or precision."""
    parts: tuple[int, ...]
    """A composite's: the types of its columns."""


Types = Mapping[int, Type]

_CLOSURE = """
WITH RECURSIVE used(oid) AS (
    SELECT unnest(%s::oid[])
  UNION
    SELECT next.oid FROM used JOIN pg_type t ON t.oid = used.oid
    CROSS JOIN LATERAL (
        SELECT t.typelem WHERE t.typelem <> 0
        UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
        UNION ALL SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid)
        UNION ALL SELECT atttypid FROM pg_attribute
                  WHERE attrelid = t.typrelid AND t.typtype = 'c' AND attnum > 0
                    AND NOT attisdropped
    ) AS next(oid)
)
SELECT t.oid::int8, format_type(t.oid, NULL) AS name, t.typtype::text AS kind,
       t.typsend <> 0 AS sends,
       CASE WHEN t.typcategory = 'A' THEN t.typelem::int8 ELSE 0 END AS element,
       coalesce((SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid)),
                t.typbasetype)::int8 AS base,
       format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_name,
       ARRAY(SELECT atttypid::int8 FROM pg_attribute
             WHERE attrelid = t.typrelid AND t.typtype = 'c' AND attnum > 0 AND NOT attisdropped
             ORDER BY attnum) AS parts
FROM used JOIN pg_type t USING (oid)
"""


def read(connection: Connection, oids: set[int]) -> Types:
    """Read these types and all that they are made of."""
    with connection.cursor(row_factory=class_row(Type)) as cursor:
        cursor.execute(_CLOSURE, [sorted(oids)])
        return {found.oid: found for found in cursor.fetchall()}


def portable(types: Types, oid: int) -> bool:
    """Return whether a binary cell of the type means the same on every server."""
    this = types[oid]
    if not this.sends or this.name in _BY_NUMBER:
        return False
    if this.element:
        return _same_everywhere(types, this.element)
    match this.kind:
        case "c":
            return all(_same_everywhere(types, part) for part in this.parts)
        case "d" | "r" | "m":
            return portable(types, this.base)
        case _:
            return True


def _same_everywhere(types: Types, oid: int) -> bool:
    return oid < BUILT_IN and portable(types, oid)


def stage(types: Types, oid: int, name: str) -> str:
    """Return a type that takes the cells on a server where this one may not exist.

    `name` is the type with its length or precision. What is not portable travels as text.
    """
    this = types[oid]
    if this.kind == "e" or not portable(types, oid):
        return "text"
    if this.kind == "d":
        return stage(types, this.base, this.base_name)
    return name
