"""Dropping a stream: both ways, on both servers, until nothing is left but the copied rows."""

import time
from collections.abc import Callable

from psycopg import sql

from matapalo.errors import StreamBusy
from matapalo.stream import apply, control, guard, progress, word
from matapalo.stream.apply import conflict
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.load.book import Book
from matapalo.stream.load.publication import drop_publication
from matapalo.stream.names import Direction, Stream, own
from matapalo.stream.schema import drop_schema
from matapalo.stream.snapshot import drop_slot

_TABLES = ("stream", "progress", "receipt", "conflict", "load_range", "load", "refused")
_WAIT = 0.1


def drop(name: str, monolith: str, new: str, *, within: float = 30) -> None:
    """End both ways of a stream and remove all that they made, guards included.

    Raises StreamBusy where a process does not end within so many seconds. May run twice.
    """
    with connect(monolith) as one, connect(new) as other:
        for direction in Direction:
            stream = Stream(name, direction)
            source, target = (one, other) if direction is Direction.FORWARD else (other, one)
            _stop(source, target, stream, within)
            _drop_at_source(source, stream)
            _forget(target, stream)
        for side in (one, other):
            _clear(side, name, within)


def _stop(source: Connection, target: Connection, stream: Stream, within: float) -> None:
    if _is_there(target, "stream"):
        control.ask(target, stream, sql.SQL("stop = true"))
    deadline = time.monotonic() + within
    while _is_read(source, stream):
        if time.monotonic() > deadline:
            raise StreamBusy(
                f"the process of {stream} does not end", hint="End it, and drop the stream again."
            )
        time.sleep(_WAIT)


def _drop_at_source(source: Connection, stream: Stream) -> None:
    drop_slot(source, stream.on_server)
    with answers(source):
        source.execute(drop_publication(stream.on_server))


def _forget(target: Connection, stream: Stream) -> None:
    forgets: dict[str, Callable[[], None]] = {
        "stream": lambda: control.forget(target, stream),
        "receipt": lambda: progress.forget(target, stream),
        "conflict": lambda: conflict.forget(target, stream),
        "load_range": Book(target, stream).forget,
        "refused": lambda: word.forget(target, stream),
    }
    for table, forget in forgets.items():
        if _is_there(target, table):
            forget()
    apply.drop_origin(target, stream)


def _clear(side: Connection, name: str, within: float) -> None:
    """Remove guards of the stream, and our tables if no other stream has anything in them."""
    full = {Stream(name, direction).on_server for direction in Direction}
    doors = [door for door in guard.doors(side) if door.guard.admits in full]
    guard.remove(side, [door.table for door in doors], within)
    present = [table for table in _TABLES if _is_there(side, table)]
    with answers(side):
        if any(side.execute(_any(table)).fetchone() for table in present):
            return
        for table in present:
            side.execute(sql.SQL("DROP TABLE {}").format(own(table)))
        drop_schema(side)


def _any(table: str) -> sql.Composed:
    return sql.SQL("SELECT 1 FROM {} LIMIT 1").format(own(table))


def _is_there(side: Connection, table: str) -> bool:
    with answers(side):
        return (
            side.execute(
                "SELECT FROM pg_tables WHERE schemaname = 'matapalo' AND tablename = %s", [table]
            ).rowcount
            > 0
        )


def _is_read(source: Connection, stream: Stream) -> bool:
    with answers(source):
        return (
            source.execute(
                "SELECT FROM pg_replication_slots WHERE slot_name = %s AND active",
                [stream.on_server],
            ).rowcount
            > 0
        )
