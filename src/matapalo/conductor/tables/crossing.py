"""What crosses a slice's border: what holds on one side only, once its tables have moved.

foreign keys out, and in     ╮
triggers on its tables       ├──▶ Crossing: what it is, and the choices there are
views over its tables        ╯
"""

from collections.abc import Iterator, Sequence

from matapalo.conductor.data import Crossing
from matapalo.conductor.tables.ends import Ends
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.shape import Name

_OUT = (
    "Take {other} along; or keep a copy of it beside the slice that only the stream writes to; or"
    " have {to} ask the monolith before it writes. The new tables do not have this foreign key."
)
_IN = (
    "Take {other} along; or drop the foreign key once the slice has switched, and have whoever"
    " writes {other} ask {to}. Until then the reverse stream keeps what it refers to."
)
_TRIGGER = (
    "Have {to} do what it does, or make it on the new side too. It rests when the stream writes."
)
_VIEW = (
    "It goes on reading the monolith's copy, which the reverse stream keeps current until the slice"
    " is retired; then have its readers ask {to}."
)


def border(ends: Ends) -> tuple[Crossing, ...]:
    """Return everything that crosses. Raises DatabaseSilent or DatabaseRefused."""
    job = ends.forward
    with connect(job.monolith, application=f"matapalo conductor {ends.name}") as monolith:
        return tuple(_found(monolith, job.at_monolith, ends.to))


def _found(monolith: Connection, tables: Sequence[Name], to: str) -> Iterator[Crossing]:
    for name, table, other in _ask(monolith, _KEYS_OUT, tables):
        what = f"{table} refers to {other} (foreign key {name})"
        yield Crossing(what, _OUT.format(other=other, to=to))
    for name, table, other in _ask(monolith, _KEYS_IN, tables):
        what = f"{other} refers to {table} (foreign key {name})"
        yield Crossing(what, _IN.format(other=other, to=to))
    for name, table, function in _ask(monolith, _TRIGGERS, tables):
        what = f"the trigger {name} of {table} runs {function}"
        yield Crossing(what, _TRIGGER.format(to=to))
    for kind, table, view in _ask(monolith, _VIEWS, tables):
        yield Crossing(f"the {kind} {view} reads {table}", _VIEW.format(to=to))


def _ask(monolith: Connection, query: str, tables: Sequence[Name]) -> list[tuple[str, str, str]]:
    names = [[name.schema for name in tables], [name.table for name in tables]]
    with answers(monolith):
        return monolith.execute((_MINE + query).encode(), names).fetchall()


# A slice's tables, and their partitions.
_MINE = """
WITH RECURSIVE mine(oid) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
      ON nspname = wanted.schema AND relname = wanted.name
    UNION SELECT inhrelid FROM pg_inherits JOIN mine ON inhparent = mine.oid),
called AS (
    SELECT c.oid, CASE nspname WHEN 'public' THEN quote_ident(relname)
                  ELSE format('%%I.%%I', nspname, relname) END AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace)
"""
_KEYS_OUT = """
SELECT quote_ident(conname), one.name, other.name FROM pg_constraint
JOIN called one ON one.oid = conrelid JOIN called other ON other.oid = confrelid
WHERE contype = 'f' AND conparentid = 0
  AND conrelid IN (SELECT oid FROM mine) AND confrelid NOT IN (SELECT oid FROM mine)
ORDER BY 2, 1
"""
_KEYS_IN = """
SELECT quote_ident(conname), one.name, other.name FROM pg_constraint
JOIN called one ON one.oid = confrelid JOIN called other ON other.oid = conrelid
WHERE contype = 'f' AND conparentid = 0
  AND confrelid IN (SELECT oid FROM mine) AND conrelid NOT IN (SELECT oid FROM mine)
ORDER BY 3, 1
"""
_TRIGGERS = """
SELECT quote_ident(tgname), name, CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END
       || proname || '()' FROM pg_trigger
JOIN called ON called.oid = tgrelid
JOIN pg_proc p ON p.oid = tgfoid JOIN pg_namespace n ON n.oid = pronamespace
WHERE NOT tgisinternal AND tgparentid = 0 AND tgrelid IN (SELECT oid FROM mine)
  AND tgname NOT IN ('matapalo_guard', 'matapalo_watch')
ORDER BY 2, 1
"""
_VIEWS = """
SELECT DISTINCT CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END,
       one.name, other.name
FROM pg_depend JOIN pg_rewrite r ON r.oid = objid JOIN pg_class v ON v.oid = ev_class
JOIN called one ON one.oid = refobjid JOIN called other ON other.oid = v.oid
WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass
  AND v.relkind IN ('v', 'm') AND refobjid IN (SELECT oid FROM mine)
ORDER BY 3, 2
"""
