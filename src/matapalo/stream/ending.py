"""Dropping a stream: both ways, on both servers, until nothing is left but the copied rows."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from psycopg import sql

from matapalo.errors import StreamBusy
from matapalo.stream import apply, control, guard, progress, word
from matapalo.stream.alone import alone
from matapalo.stream.apply import conflict
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.load.book import Book
from matapalo.stream.load.publication import drop_publication
from matapalo.stream.names import Direction, Stream, own
from matapalo.stream.schema import drop_schema
from matapalo.stream.snapshot import drop_slot

_TABLES = ("stream", "progress", "receipt", "conflict", "refused")
_BOOK = ("load_range", "load")
_WAIT = 0.1


def drop(
    name: str,
    monolith: str,
    new: str,
    *,
    within: float = 30,
    stays_closed: bool = False,
    begins_anew: bool = False,
) -> None:
    """End both ways of a stream and remove all that they made, guards included.

    With `stays_closed` the monolith's guard stays as it is. With `begins_anew` it stays known which
    of the new side's tables the load has made, for the next load. Raises StreamBusy where a process
    does not end within so many seconds. May run twice.
    """
    with connect(monolith) as one, connect(new) as other, ExitStack() as ended:
        ways = {Direction.FORWARD: (one, other), Direction.REVERSE: (other, one)}
        for direction, (source, target) in ways.items():
            _stop(source, target, Stream(name, direction), within, ended)
        for direction, (source, target) in ways.items():
            _drop_at_source(source, Stream(name, direction))
            _forget(target, Stream(name, direction), begins_anew=begins_anew)
        if not stays_closed:
            _remove_guards(one, name, within)
        _remove_guards(other, name, within)
        for side in (one, other):
            _clear(side)


def _stop(
    source: Connection, target: Connection, stream: Stream, within: float, ended: ExitStack
) -> None:
    """Have whoever works on the stream end, and nobody begin before all is removed."""
    if _is_there(target, "stream"):
        control.ask(target, stream, sql.SQL("stop = true, wanted = false"))
    deadline = time.monotonic() + within
    ended.enter_context(alone(target, stream, within))
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


def _forget(target: Connection, stream: Stream, *, begins_anew: bool) -> None:
    book = Book(target, stream)
    forgets: dict[str, Callable[[], None]] = {
        "stream": lambda: control.forget(target, stream),
        "receipt": lambda: progress.forget(target, stream),
        "conflict": lambda: conflict.forget(target, stream),
        "load_range": book.restart if begins_anew else book.forget,
        "refused": lambda: word.forget(target, stream),
    }
    for table, forget in forgets.items():
        if _is_there(target, table):
            forget()
    apply.drop_origin(target, stream)


def _remove_guards(side: Connection, name: str, within: float) -> None:
    full = {Stream(name, direction).on_server for direction in Direction}
    with answers(side):
        doors = [door for door in guard.doors(side) if door.guard.admits in full]
        guard.remove(side, [door.table for door in doors], within)


def _clear(side: Connection) -> None:
    """Remove our tables if no other stream has anything in them."""
    for tables in (_TABLES, _BOOK):
        present = [table for table in tables if _is_there(side, table)]
        with answers(side):
            if any(side.execute(_any(table)).fetchone() for table in present):
                continue
            for table in present:
                side.execute(sql.SQL("DROP TABLE {}").format(own(table)))
    with answers(side):
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
