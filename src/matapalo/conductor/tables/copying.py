"""Beginning and ending copies: what the streams' processes are told by their rows, and what is left
behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from matapalo.conductor.data import Side
from matapalo.conductor.tables import turns
from matapalo.conductor.tables.ends import Ends
from matapalo.stream import catalog, control, guard
from matapalo.stream.alone import alone
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.ending import drop
from matapalo.stream.health import size
from matapalo.stream.load.book import Book
from matapalo.stream.load.target import clear
from matapalo.stream.preflight import examine
from matapalo.stream.process import identity
from matapalo.stream.quiet import quiet
from matapalo.stream.shape import Name

_PATIENCE = 30.0
"""Seconds that a stream's process may take to end."""


def copy(ends: Ends) -> None:
    """Have the tables copied and followed. What an earlier copy left on the new side goes first.

    Raises PreflightFailed where that would hurt; nothing is copied then.
    """
    job = ends.forward
    with _both(ends) as (source, target):
        if not control.is_wanted(target, job.stream):
            with alone(target, job.stream, _PATIENCE):
                quiet(target, job.stream)
                clear(target, job.stream, job.tables)
                examine(source, target, job.stream, job.tables).check()
        _want(ends, source, target)


def follow(ends: Ends) -> None:
    """Have the copy followed; nobody else may write to the new side. The monolith has to own."""
    job = ends.forward
    with _both(ends) as (source, target):
        _want(ends, source, target)
        record = _loaded(target, ends)
        if record and not _is_closed(target, ends):
            with answers(target):
                guard.close(target, job.at_new, ends.guard(Side.NEW), _PATIENCE)


def halt(ends: Ends) -> None:
    """End both streams and remove all that they made; what is copied goes with the next copy."""
    drop(ends.name, *_urls(ends), within=_PATIENCE, begins_anew=True)
    with connect(ends.forward.monolith) as monolith:
        turns.forget(monolith, ends.name)


def retire(ends: Ends) -> tuple[str, ...]:
    """End both streams and remove all that they made but the monolith's guard.

    Return what remains for people to delete in the monolith.
    """
    with connect(ends.forward.monolith) as monolith:
        left = tuple(_remains(monolith, ends))
    drop(ends.name, *_urls(ends), within=_PATIENCE, stays_closed=True)
    with connect(ends.forward.new) as new:
        turns.forget(new, ends.name)
    return left


def _want(ends: Ends, source: Connection, target: Connection) -> None:
    job = ends.forward
    control.install(target)
    control.want(target, job.stream, source=identity(source), tables=job.tables)


def _loaded(target: Connection, ends: Ends) -> bool:
    book = Book(target, ends.forward.stream)
    book.install()
    record = book.record()
    return record is not None and record.ended


def _is_closed(target: Connection, ends: Ends) -> bool:
    tables, wanted = ends.tables(Side.NEW), ends.guard(Side.NEW)
    with answers(target):
        doors = guard.standing(target, tables).values()
    return all(door and door.closed and door.guard == wanted for door in doors)


def _remains(monolith: Connection, ends: Ends) -> Iterator[str]:
    there = catalog.shapes(monolith, ends.tables(Side.MONOLITH))
    for name in ends.tables(Side.MONOLITH):
        if name in there:
            yield _table(monolith, name)
    yield (
        "the guard that refuses their writers: it goes with the tables; after the last of them,"
        " DROP SCHEMA matapalo CASCADE"
    )


def _table(monolith: Connection, name: Name) -> str:
    with answers(monolith):
        row = monolith.execute(
            "SELECT greatest(reltuples, 0)::int8, pg_total_relation_size(oid) FROM pg_class"
            " WHERE oid = to_regclass(format('%%I.%%I', %s::text, %s::text))",
            [name.schema, name.table],
        ).fetchone()
    rows, bytes_ = row or (0, 0)
    return f"the table {name}: about {rows:,} rows, {size(bytes_)}"


@contextmanager
def _both(ends: Ends) -> Iterator[tuple[Connection, Connection]]:
    application = f"matapalo conductor {ends.name}"
    with (
        connect(ends.forward.source, application=application) as source,
        connect(ends.forward.target, application=application) as target,
    ):
        yield source, target


def _urls(ends: Ends) -> tuple[str, str]:
    return ends.forward.monolith, ends.forward.new
