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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matapalo.stream.locking import FAMILY, check_there, parted, under_lock
from matapalo.stream.names import identifier, literal, own
from matapalo.stream.schema import ensure_schema
from matapalo.stream.shape import Name

Connection = psycopg.Connection[tuple[object, ...]]

STATE = "MP001"
"""The SQLSTATE of a refusal, by which an application can tell it from any other error."""
REFUSED = "matapalo.refused"
"""The prefix of the message that a refusal leaves in the log."""
TRIGGER = "matapalo_guard"


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
    install(connection)
    found = standing(connection, tables)
    changes = [
        _create(name, guard, enabled=door is not None and door.closed)
        for name, door in found.items()
    ]
    under_lock(connection, tuple(found), changes, within)


def close(connection: Connection, tables: Sequence[Name], guard: Guard, within: float) -> None:
    """Close tables to all but the stream that `guard` admits.

    When this returns, no transaction that wrote to one of them is still open. Raises GuardBlocked
    after `within` seconds if such transactions do not end; then every table is as it was.
    """
    install(connection)
    found = standing(connection, tables)
    under_lock(connection, tuple(found), closing(found, guard), within)


def closing(found: Mapping[Name, Door | None], guard: Guard) -> list[sql.Composed]:
    """Return what closes tables whose guards stand as given."""
    return [
        _switch(name, enabled=True)
        if door and door.guard == guard
        else _create(name, guard, enabled=True)
        for name, door in found.items()
    ]


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
    if tables is not None:
        return tuple(door for door in standing(connection, tables).values() if door)
    rows = connection.execute(
        """SELECT nspname, relname, tgenabled <> 'D', tgargs
           FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
           JOIN pg_namespace ON pg_namespace.oid = relnamespace
           WHERE tgname = %s AND NOT tgisinternal ORDER BY 1, 2""",
        [TRIGGER],
    )
    return tuple(door for door in map(_door, rows) if door)


def standing(connection: Connection, tables: Sequence[Name]) -> dict[Name, Door | None]:
    """Return how the guard of each table and partition stands, in the order of their locks.

    Raises StreamError where a table is missing.
    """
    rows = connection.execute(
        FAMILY
        + b"""SELECT nspname, relname, tgenabled <> 'D', tgargs
              FROM family JOIN pg_class USING (oid)
              JOIN pg_namespace ON pg_namespace.oid = relnamespace
              LEFT JOIN pg_trigger
                ON tgrelid = pg_class.oid AND tgname = %s AND NOT tgisinternal
              WHERE relkind IN ('r', 'p') ORDER BY 1, 2""",
        [*parted(tables), TRIGGER],
    )
    found = {Name(str(row[0]), str(row[1])): _door(row) for row in rows}
    check_there(tables, found)
    return found


def _door(row: tuple[object, ...]) -> Door | None:
    schema, table, closed, arguments = row
    if not isinstance(arguments, bytes):
        return None
    return Door(Name(str(schema), str(table)), bool(closed), _guard(arguments))


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


def _guard(arguments: bytes) -> Guard:
    slice_name, owner, admits, _ = arguments.decode().split("\0")
    return Guard(slice_name, owner, admits)


def install(connection: Connection) -> None:
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
