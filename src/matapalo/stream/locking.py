"""Locks on tables with all their partitions, taken without keeping anyone waiting for long.

short attempt ──▶ all locks: the changes, in the same transaction
     ▲  │
     ╰──╯ a lock is not to be had: everyone who waits behind comes through, then again
"""

import random
import time
from collections.abc import Container, Sequence

import psycopg
from psycopg import sql

from matapalo.errors import GuardBlocked, StreamError
from matapalo.stream.shape import Name

Connection = psycopg.Connection[tuple[object, ...]]

FAMILY = b"""
WITH RECURSIVE family(oid) AS (
    SELECT pg_class.oid FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
      ON nspname = wanted.schema AND relname = wanted.name
    UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid)
"""
"""Tables, with their partitions and children."""

_SHORTEST, _PATIENCE = 0.025, 0.2
"""Seconds that one attempt waits for locks: less than `deadlock_timeout`, so that it is never an
application whose transaction is ended; and writers do not queue behind this wait for long."""


def relations(connection: Connection, tables: Sequence[Name]) -> tuple[Name, ...]:
    """Return tables with their partitions and children, in the order in which locks are taken."""
    rows = connection.execute(
        FAMILY
        + b"""SELECT nspname, relname FROM family JOIN pg_class USING (oid)
              JOIN pg_namespace ON pg_namespace.oid = relnamespace
              WHERE relkind IN ('r', 'p') ORDER BY 1, 2""",
        parted(tables),
    )
    found = tuple(Name(str(schema), str(table)) for schema, table in rows)
    check_there(tables, found)
    return found


def parted(tables: Sequence[Name]) -> list[list[str]]:
    """Return names as the two parameters of `FAMILY`: schemas and tables."""
    return [[name.schema for name in tables], [name.table for name in tables]]


def check_there(tables: Sequence[Name], found: Container[Name]) -> None:
    """Raise StreamError where a table is missing."""
    if missing := [str(name) for name in tables if name not in found]:
        raise StreamError(f"no such table: {', '.join(missing)}", hint="Views cannot be guarded.")


def under_lock(
    connection: Connection,
    family: Sequence[Name],
    changes: Sequence[sql.Composed],
    within: float,
    first: Sequence[sql.Composed] = (),
) -> None:
    """Run statements while nobody writes to tables, all or none; `first` before the tables' locks.

    Raises GuardBlocked after `within` seconds if transactions that have written do not end.
    """
    if not family:
        return
    lock = sql.SQL("LOCK TABLE ONLY {} IN SHARE ROW EXCLUSIVE MODE").format(
        sql.SQL(", ONLY ").join(name.sql for name in family)
    )
    script = sql.SQL("; ").join([*first, lock, *changes])
    deadline = time.monotonic() + within
    patience = _SHORTEST
    while not _attempt(connection, script, min(patience, deadline - time.monotonic())):
        patience = min(2 * patience, _PATIENCE)
        _end_autovacuum(connection, family)
        if time.monotonic() > deadline:
            raise GuardBlocked(
                f"transactions that have written to the tables do not end within {within:g} s",
                where=", ".join(map(str, family)),
                hint=f"{_in_the_way(connection, family)} Nothing was changed.",
            )
        # A moment in which those who waited behind the attempt come through.
        time.sleep(random.uniform(0.001, 0.02))  # noqa: S311 - not a secret


def _attempt(connection: Connection, script: sql.Composed, patience: float) -> bool:
    ms = max(1, round(patience * 1000))
    try:
        # Statements that are sent together are one transaction, and one way there and back.
        connection.execute(
            sql.SQL("SET LOCAL lock_timeout = {}; {}").format(sql.Literal(ms), script)
        )
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def _end_autovacuum(connection: Connection, family: Sequence[Name]) -> None:
    """Have autovacuum leave the tables, which it does for anyone who waits for long enough.

    Long enough is `deadlock_timeout`, and an attempt never waits so long.
    """
    try:
        connection.execute(
            """SELECT pg_cancel_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
               JOIN pg_class ON pg_class.oid = relation
               JOIN pg_namespace ON pg_namespace.oid = relnamespace
               JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
                 ON nspname = wanted.schema AND relname = wanted.name
               WHERE backend_type = 'autovacuum worker' AND granted AND locktype = 'relation'
                 AND mode = 'ShareUpdateExclusiveLock'
                 AND pg_locks.database = (SELECT oid FROM pg_database
                                          WHERE datname = current_database())""",
            parted(family),
        )
    except psycopg.errors.InsufficientPrivilege:
        return  # it ends by itself, or is named as what is in the way


def _in_the_way(connection: Connection, family: Sequence[Name]) -> str:
    rows = connection.execute(
        """SELECT DISTINCT coalesce(nullif(application_name, ''), 'an unnamed application'),
                  usename, pid, coalesce(state, 'prepared')
           FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
           JOIN pg_class ON pg_class.oid = relation
           JOIN pg_namespace ON pg_namespace.oid = relnamespace
           JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
             ON nspname = wanted.schema AND relname = wanted.name
           WHERE granted AND pid IS DISTINCT FROM pg_backend_pid()
             AND mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
                          'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
             AND pg_locks.database = (SELECT oid FROM pg_database
                                      WHERE datname = current_database())""",
        parted(family),
    )
    found = [f"{app} ({user}, pid {pid}, {state})" for app, user, pid, state in rows]
    return f"In the way: {', '.join(found)}." if found else "They have ended meanwhile."
