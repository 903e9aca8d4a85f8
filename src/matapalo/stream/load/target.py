"""The target before the load: its tables are made, or they are there and empty."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from matapalo.blueprint import Table
from matapalo.errors import LoadFailed
from matapalo.stream import snapshot
from matapalo.stream.catalog.trimming import trimming
from matapalo.stream.database import Connection, answers
from matapalo.stream.load.book import Book
from matapalo.stream.load.publication import drop_publication
from matapalo.stream.mapping import Flows
from matapalo.stream.names import Stream
from matapalo.stream.plan import Plan, fingerprint
from matapalo.stream.shape import Name


def begin(target: Connection, stream: Stream, plan: Plan, mapping: str) -> None:
    """Make the tables that are missing and note the load, in one transaction.

    Raises LoadFailed where a table that is there has rows.
    """
    for name in targets(plan.flows):
        if name not in plan.new and not is_empty(target, name):
            raise LoadFailed(
                f"{name} has rows already",
                where="target",
                hint="A load begins with empty tables: empty it, or name another one in `to`.",
            )
    with answers(target), target.transaction():
        for statement in plan.before:
            for part in statement.sql:
                target.execute(part)
        Book(target, stream).begin(mapping, [str(name) for name in plan.new])


def start_over(source: Connection, target: Connection, stream: Stream, flows: Flows) -> None:
    """Forget a load and the rows that it brought; its tables stay."""
    snapshot.drop_slot(source, stream.on_server)
    with answers(source):
        source.execute(drop_publication(stream.on_server))
    names = sql.SQL(", ").join(name.sql for name in targets(flows))
    with answers(target), target.transaction():
        target.execute(sql.SQL("TRUNCATE {}").format(names))
        Book(target, stream).restart()


def clear(target: Connection, stream: Stream, tables: Sequence[Table]) -> None:
    """Remove what a load brought that was ended and begins anew, if there was one.

    Tables that it made go where the mapping is another one now. Raises DatabaseRefused where
    something depends on them.
    """
    book = Book(target, stream)
    book.install()
    record = book.record()
    if record is None or record.slot is not None:
        return
    made = [Name.parse(name) for name in record.made]
    rest = dict.fromkeys(Name.parse(table.target) for table in tables)
    with answers(target), target.transaction():
        if record.mapping != fingerprint(tables):
            if made:
                names = sql.SQL(", ").join(name.sql for name in made)
                target.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(names))
            book.forget()
        _empty(target, [name for name in rest if _is_there(target, name)])


def _empty(target: Connection, tables: Sequence[Name]) -> None:
    if not tables:
        return
    names = sql.SQL(", ").join(name.sql for name in tables)
    try:
        with target.transaction():
            target.execute(sql.SQL("TRUNCATE {}").format(names))
    except psycopg.errors.FeatureNotSupported:
        # A table that is not of the stream refers to one of them.
        for name in tables:
            target.execute(sql.SQL("DELETE FROM {}").format(name.sql))


def _is_there(target: Connection, name: Name) -> bool:
    row = target.execute(
        "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) IS NOT NULL",
        [name.schema, name.table],
    ).fetchone()
    return row == (True,)


def unload(target: Connection, stream: Stream, flows: Flows, name: Name) -> None:
    """Remove what was loaded into one table."""
    numbers = [number for number, flow in enumerate(flows) if flow.target.name == name]
    with answers(target), target.transaction():
        # Not truncated: tables that are not of the stream may refer to it.
        target.execute(sql.SQL("DELETE FROM {}").format(name.sql))
        Book(target, stream).unloaded(numbers)


def targets(flows: Flows) -> tuple[Name, ...]:
    """Return the tables that flows lead to."""
    return tuple(dict.fromkeys(flow.target.name for flow in flows))


def is_empty(target: Connection, name: Name) -> bool:
    """Return whether a table has no row."""
    with answers(target):
        query = sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(name.sql)
        return target.execute(query).fetchone() == (True,)


def has_unique_besides_key(target: Connection, flows: Flows, made: tuple[str, ...]) -> str:
    """Return a table whose rows of different moments could clash; nothing where there is none.

    Tables that the load has made get their unique indexes at the end.
    """
    for name in targets(flows):
        if str(name) in made:
            continue
        if any(i.unique and not i.primary for i in trimming(target, name).indexes):
            return str(name)
    return ""
