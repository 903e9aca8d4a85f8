"""Who writes to tables: applications, users and machines, before their writes change owner.

    look   samples sessions that hold a writer's lock: changes nothing, may miss short transactions
    watch  a trigger on each table notes every session's first write: misses nothing

`watch` takes a short lock to put its triggers there, as the guard does, and takes them away again.
A note is a row in the writer's own transaction, one a session and table, so that writers do not
wait for each other.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row

from matapalo.stream.database import Connection, answers
from matapalo.stream.locking import relations, under_lock
from matapalo.stream.names import identifier, literal, own
from matapalo.stream.schema import drop_schema, ensure_schema
from matapalo.stream.shape import Name

TRIGGER = "matapalo_watch"
_EVERY = 0.01
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Someone who writes to a table."""

    user: str
    application: str
    address: str
    """The client's; empty for a session on the server's own machine."""
    table: str
    seen: int
    """How often it was seen: looks, or sessions."""
    first: datetime
    last: datetime


Pause = Callable[[], bool]
"""Waits a moment; returns whether to go on."""


def look(connection: Connection, tables: Sequence[Name], seconds: float) -> tuple[Writer, ...]:
    """Sample who holds a writer's lock on tables, for some time.

    Without `pg_monitor`, PostgreSQL tells the application of one's own sessions only.
    """
    family = relations(connection, tables)
    names = [[name.schema for name in family], [name.table for name in family]]
    deadline = time.monotonic() + seconds
    found: list[Writer] = []
    while time.monotonic() < deadline:
        with answers(connection), connection.cursor(row_factory=class_row(Writer)) as cursor:
            found = _added([*found, *cursor.execute(_LOOK, names)])
        time.sleep(_EVERY)
    return tuple(found)


def watch(
    connection: Connection, tables: Sequence[Name], seconds: float, within: float = 10
) -> tuple[Writer, ...]:
    """Note every session that writes to tables, for some time. The role must own the tables."""
    with _watched(connection, tables, within):
        time.sleep(seconds)
        with answers(connection), connection.cursor(row_factory=class_row(Writer)) as cursor:
            return tuple(_added(cursor.execute(_NOTED)))


@contextmanager
def _watched(connection: Connection, tables: Sequence[Name], within: float) -> Iterator[None]:
    family = relations(connection, tables)
    with answers(connection):
        ensure_schema(connection)
        connection.execute(_TABLE)
        connection.execute(
            sql.SQL(
                "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
                " SET search_path = pg_catalog, pg_temp AS {}"
            ).format(own("note_writer"), literal(_BODY.replace("TOKEN", secrets.token_hex(4))))
        )
    try:
        under_lock(connection, family, [_create(name) for name in family], within)
        yield
    finally:
        unwatch(connection, family, within)


def unwatch(connection: Connection, family: Sequence[Name], within: float) -> None:
    """Take the triggers away, and what they noted."""
    drop = sql.SQL("DROP TRIGGER IF EXISTS {} ON {}")
    changes = [drop.format(identifier(TRIGGER), name.sql) for name in family]
    under_lock(connection, family, changes, within)
    with answers(connection):
        connection.execute("DROP FUNCTION IF EXISTS matapalo.note_writer()")
        connection.execute("DROP TABLE IF EXISTS matapalo.writer")
        drop_schema(connection)


def _create(name: Name) -> sql.Composed:
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER {} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        " ON {} FOR EACH STATEMENT EXECUTE FUNCTION {}()"
    ).format(identifier(TRIGGER), name.sql, own("note_writer"))


def _added(found: Iterable[Writer]) -> list[Writer]:
    """Add up sightings of the same writer."""
    known: dict[tuple[str, str, str, str], Writer] = {}
    for one in found:
        who = (one.user, one.application, one.address, one.table)
        before = known.get(who)
        known[who] = (
            replace(
                before,
                seen=before.seen + one.seen,
                first=min(before.first, one.first),
                last=max(before.last, one.last),
            )
            if before
            else one
        )
    return [known[who] for who in sorted(known)]


_LOOK = """
SELECT coalesce(usename, '') AS user, coalesce(application_name, '') AS application,
       coalesce(host(client_addr), '') AS address, format('%%I.%%I', nspname, relname) AS table,
       1 AS seen, clock_timestamp() AS first, clock_timestamp() AS last
FROM pg_locks JOIN pg_stat_activity USING (pid)
JOIN pg_class ON pg_class.oid = relation
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
  ON nspname = wanted.schema AND relname = wanted.name
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
  AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_TABLE = """
CREATE TABLE IF NOT EXISTS matapalo.writer (
    "user" text, application text, address text, "table" text, at timestamptz)
"""
# The setting is the session's memory, for this watch only (TOKEN). Where the transaction is rolled
# back, so is the setting.
_BODY = """
DECLARE
    noted text := format('matapalo.noted_%s', TG_RELID);
    this text := 'TOKEN ' || current_setting('application_name');
BEGIN
    IF current_setting(noted, true) IS DISTINCT FROM this THEN
        INSERT INTO matapalo.writer VALUES (
            session_user, current_setting('application_name'),
            coalesce(host(inet_client_addr()), ''),
            format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), clock_timestamp());
        PERFORM set_config(noted, this, false);
    END IF;
    RETURN NULL;
END
"""
_NOTED = """
SELECT "user", application, address, "table", count(*) AS seen, min(at) AS first, max(at) AS last
FROM matapalo.writer GROUP BY 1, 2, 3, 4
"""
