"""The guard: a door in front of tables, closed to every writer but one stream.

    close ──▶ trigger on each table ──▶ a writer's statement ──▶ error MP001 that names the owner
                                                    │
                                                    └──▶ a message in the log ──▶ `Refused`

A closed table answers every INSERT, UPDATE, DELETE, MERGE, COPY and TRUNCATE with an error, in
whatever isolation level and replication role. Triggers are what makes this hold: a transaction
takes notice of a new one with the first lock on the table, while a flag in a table would be read in
an old snapshot. Closing takes SHARE ROW EXCLUSIVE locks, so that it waits for every transaction
that has written already, and none can come between. An open guard is a disabled trigger: it costs
nothing.

The refused statement's transaction is rolled back, and only a non-transactional logical message
survives that: the stream that reads this side's log finds it there.

The one stream that may write says who it is by the setting `matapalo.stream` (`admission`). The
guard keeps out writers who do not know; whoever owns a table can always take a trigger away.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matapalo.errors import GuardBlocked, StreamError
from matapalo.stream.names import identifier, literal, own
from matapalo.stream.schema import ensure_schema
from matapalo.stream.shape import Name

Connection = psycopg.Connection[tuple[object, ...]]

STATE = "MP001"
"""The SQLSTATE of a refusal, by which an application can tell it from any other error."""
REFUSED = "matapalo.refused"
"""The prefix of the message that a refusal leaves in the log."""
TRIGGER = "matapalo_guard"

_SHORTEST, _PATIENCE = 0.025, 0.2
"""Seconds that one attempt waits for locks: less than `deadlock_timeout`, so that it is never an
application whose transaction is ended; and writers do not queue behind this wait for long."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What a closed table answers."""

    slice: str
    owner: str
    """Where the table is written now, for people: the error says so."""
    admits: str
    """The full name of the stream that may write; empty for none."""


@dataclass(frozen=True, slots=True)
class Door:
    """How the guard of one table stands."""

    table: Name
    closed: bool
    guard: Guard


class Refused(BaseModel):
    """A writer that met a closed table."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: datetime
    namespace: str = Field(alias="schema")
    table: str
    operation: str
    slice: str
    user: str
    application: str
    address: str | None

    @property
    def name(self) -> Name:
        """The table."""
        return Name(self.namespace, self.table)


def refused(content: bytes) -> Refused | None:
    """Read the message that a refusal left in the log.

    None where it is no such message: whoever may write into a log may write anything there.
    """
    try:
        return Refused.model_validate_json(content)
    except ValidationError:
        return None


def admission(stream: str) -> sql.Composed:
    """Return the statement with which a session shows the guard that it belongs to a stream."""
    return sql.SQL("SET matapalo.stream = {}").format(literal(stream))


def prepare(connection: Connection, tables: Sequence[Name], guard: Guard, within: float) -> None:
    """Put an open guard on tables, so that closing it is quick. One that is closed stays so."""
    closed = {door.table for door in doors(connection, tables) if door.closed}
    _install(connection)
    family = relations(connection, tables)
    changes = [_create(name, guard, enabled=name in closed) for name in family]
    under_lock(connection, family, changes, within)


def close(
    connection: Connection,
    tables: Sequence[Name],
    guard: Guard,
    within: float,
    first: Sequence[sql.Composed] = (),
) -> None:
    """Close tables to all but the stream that `guard` admits.

    When this returns, no transaction that wrote to one of them is still open. Raises GuardBlocked
    after `within` seconds if such transactions do not end; then every table is as it was. `first`
    is done in the same transaction.
    """
    _install(connection)
    family = relations(connection, tables)
    standing = {door.table: door.guard for door in _doors(connection, set(family))}
    changes = [
        _switch(name, enabled=True)
        if standing.get(name) == guard
        else _create(name, guard, enabled=True)
        for name in family
    ]
    under_lock(connection, family, changes, within, first)


def reopen(
    connection: Connection,
    tables: Sequence[Name],
    within: float,
    first: Sequence[sql.Composed] = (),
) -> None:
    """Let everyone write again; the guard stays in place. Tables without one are left alone.

    `first` is done in the same transaction, if there is anything to open.
    """
    family = [door.table for door in doors(connection, tables) if door.closed]
    under_lock(connection, family, [_switch(name, enabled=False) for name in family], within, first)


def remove(connection: Connection, tables: Sequence[Name], within: float) -> None:
    """Take the guard of some tables away, and what it is made of with the last of them."""
    drop = sql.SQL("DROP TRIGGER IF EXISTS {} ON {}")
    changes = [drop.format(identifier(TRIGGER), name.sql) for name in tables]
    under_lock(connection, tables, changes, within)
    if not doors(connection):
        connection.execute(sql.SQL("DROP FUNCTION IF EXISTS {}()").format(_FUNCTION))


def doors(connection: Connection, tables: Sequence[Name] | None = None) -> tuple[Door, ...]:
    """Return how guards stand: those of some tables and their partitions, or all there are."""
    return _doors(connection, None if tables is None else set(relations(connection, tables)))


def _doors(connection: Connection, wanted: set[Name] | None) -> tuple[Door, ...]:
    rows = connection.execute(
        """SELECT nspname, relname, tgenabled <> 'D', tgargs
           FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
           JOIN pg_namespace ON pg_namespace.oid = relnamespace
           WHERE tgname = %s AND NOT tgisinternal ORDER BY 1, 2""",
        [TRIGGER],
    )
    found = (
        Door(Name(str(schema), str(table)), bool(closed), _guard(arguments))
        for schema, table, closed, arguments in rows
        if isinstance(arguments, bytes)
    )
    return tuple(door for door in found if wanted is None or door.table in wanted)


def relations(connection: Connection, tables: Sequence[Name]) -> tuple[Name, ...]:
    """Return tables with their partitions and children, in the order in which locks are taken."""
    rows = connection.execute(
        """WITH RECURSIVE family(oid) AS (
               SELECT pg_class.oid FROM pg_class
               JOIN pg_namespace ON pg_namespace.oid = relnamespace
               JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
                 ON nspname = wanted.schema AND relname = wanted.name
               UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid)
           SELECT nspname, relname FROM family JOIN pg_class USING (oid)
           JOIN pg_namespace ON pg_namespace.oid = relnamespace
           WHERE relkind IN ('r', 'p') ORDER BY 1, 2""",
        [[name.schema for name in tables], [name.table for name in tables]],
    )
    found = tuple(Name(str(schema), str(table)) for schema, table in rows)
    if missing := [str(name) for name in tables if name not in found]:
        raise StreamError(f"no such table: {', '.join(missing)}", hint="Views cannot be guarded.")
    return found


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


def _create(name: Name, guard: Guard, *, enabled: bool) -> sql.Composed:
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER {trigger} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE"
        " ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}({slice}, {owner}, {admits}); "
    ).format(
        trigger=identifier(TRIGGER),
        table=name.sql,
        function=_FUNCTION,
        slice=literal(guard.slice),
        owner=literal(guard.owner),
        admits=literal(guard.admits),
    ) + _switch(name, enabled=enabled)


def _switch(name: Name, *, enabled: bool) -> sql.Composed:
    # ALWAYS: a session with session_replication_role = replica is a writer like any other.
    state = sql.SQL("ENABLE ALWAYS" if enabled else "DISABLE")
    return sql.SQL("ALTER TABLE ONLY {} {} TRIGGER {}").format(name.sql, state, identifier(TRIGGER))


def _attempt(connection: Connection, script: sql.Composed, patience: float) -> bool:
    ms = max(1, round(patience * 1000))
    try:
        with connection.transaction():
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
            [[name.schema for name in family], [name.table for name in family]],
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
        [[name.schema for name in family], [name.table for name in family]],
    )
    found = [f"{app} ({user}, pid {pid}, {state})" for app, user, pid, state in rows]
    return f"In the way: {', '.join(found)}." if found else "They have ended meanwhile."


def _guard(arguments: bytes) -> Guard:
    slice_name, owner, admits, _ = arguments.decode().split("\0")
    return Guard(slice_name, owner, admits)


def _install(connection: Connection) -> None:
    """Create the function of the triggers, or bring it up to date."""
    present = connection.execute(
        "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('matapalo.refuse()')"
    ).fetchone()
    if present == (_BODY,):
        return
    ensure_schema(connection)
    # SECURITY DEFINER: the writer needs no rights here, so that it meets this error and no other.
    connection.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            " SET search_path = pg_catalog, pg_temp AS {}"
        ).format(_FUNCTION, literal(_BODY))
    )


_FUNCTION = own("refuse")
_BODY = """
DECLARE
    slice text := TG_ARGV[0];
    owner text := TG_ARGV[1];
    admits text := TG_ARGV[2];
BEGIN
    IF admits <> '' AND current_setting('matapalo.stream', true) = admits THEN
        RETURN NULL;
    END IF;
    PERFORM pg_logical_emit_message(false, 'matapalo.refused', json_build_object(
        'at', clock_timestamp(), 'schema', TG_TABLE_SCHEMA, 'table', TG_TABLE_NAME,
        'operation', TG_OP, 'slice', slice, 'user', session_user,
        'application', current_setting('application_name'),
        'address', host(inet_client_addr()), 'pid', pg_backend_pid())::text);
    RAISE EXCEPTION USING
        ERRCODE = 'MP001',
        MESSAGE = format('table %I.%I is closed to this writer: slice "%s" is written at %s',
                         TG_TABLE_SCHEMA, TG_TABLE_NAME, slice, owner),
        HINT = format('Nothing was written. Send this write to %s.', owner);
END
"""
