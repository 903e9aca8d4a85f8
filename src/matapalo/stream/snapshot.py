"""Snapshots: one moment of a source, seen by as many sessions as are needed.

A snapshot comes with a slot, and is the very state at which the slot's log begins. It lives as long
as the session that made it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from matapalo.errors import DatabaseRefused, DatabaseSilent
from matapalo.stream.database import Connection, answers, connect, place
from matapalo.stream.lsn import Lsn, parse
from matapalo.stream.names import identifier, literal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment: everything before `lsn` is in it, and nothing from there on."""

    name: str
    lsn: Lsn


@contextmanager
def with_slot(url: str, slot: str, *, application: str, temporary: bool) -> Iterator[Snapshot]:
    """Make a slot and hold its snapshot. A temporary slot is gone with the snapshot.

    The server waits until every transaction that is open now has ended. Raises DatabaseSilent or
    DatabaseRefused.
    """
    with connect(url, application=application, replication=True) as connection:
        words = "TEMPORARY LOGICAL" if temporary else "LOGICAL"
        # The older of two spellings, which every version takes.
        command = sql.SQL("CREATE_REPLICATION_SLOT {} {} pgoutput EXPORT_SNAPSHOT").format(
            identifier(slot), sql.SQL(words)
        )
        with answers(connection):
            row = connection.execute(command).fetchone()
        if row is None:
            raise DatabaseRefused(f"the slot {slot} came without a snapshot")
        yield Snapshot(name=str(row[2]), lsn=parse(str(row[1])))


def enter(connection: Connection, snapshot: Snapshot) -> None:
    """Begin a transaction that sees the snapshot and writes nothing.

    Raises DatabaseSilent where the session that holds the snapshot has ended.
    """
    take = sql.SQL("SET TRANSACTION SNAPSHOT {}").format(literal(snapshot.name))
    with answers(connection):
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            connection.execute(take)
        except (psycopg.errors.UndefinedObject, psycopg.errors.InvalidParameterValue):
            raise DatabaseSilent(
                "the session that held the snapshot has ended", where=place(connection)
            ) from None


def drop_slot(connection: Connection, slot: str) -> None:
    """Drop a slot if it is there. Raises DatabaseSilent while someone reads from it."""
    with answers(connection):
        try:
            connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                " WHERE slot_name = %s",
                [slot],
            )
        except psycopg.errors.ObjectInUse:
            # A reader that died is noticed after a while.
            raise DatabaseSilent(f"the slot {slot} is read", where=place(connection)) from None


def has_slot(connection: Connection, slot: str) -> bool:
    """Return whether a slot is there and still has everything that was not read yet."""
    with answers(connection):
        row = connection.execute(
            "SELECT wal_status <> 'lost' FROM pg_replication_slots WHERE slot_name = %s", [slot]
        ).fetchone()
    return bool(row and row[0])
