"""The end of a load: indexes, foreign keys, sequences, statistics."""

from collections.abc import Iterator, Sequence

from psycopg import sql

from matapalo.blueprint import Table
from matapalo.errors import DatabaseRefused, LoadFailed
from matapalo.stream import ddl, sequences
from matapalo.stream.catalog.trimming import trimming
from matapalo.stream.database import Connection, answers
from matapalo.stream.load import events
from matapalo.stream.load.book import Book
from matapalo.stream.load.target import targets
from matapalo.stream.names import Stream
from matapalo.stream.plan import read_flows

_MEMORY = "SET maintenance_work_mem = '256MB'"

_THERE = {
    "index": """SELECT FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
                WHERE nspname = %(schema)s AND relname = %(name)s AND relkind IN ('i', 'I')""",
    "constraint": """SELECT FROM pg_constraint JOIN pg_class t ON t.oid = conrelid
                     JOIN pg_namespace n ON n.oid = relnamespace
                     WHERE nspname = %(schema)s AND relname = %(table)s AND conname = %(name)s""",
}


def finish(
    stream: Stream,
    source: Connection,
    target: Connection,
    tables: Sequence[Table],
    made: Sequence[str],
) -> Iterator[events.Event]:
    """Make what a load leaves for its end; what is there already is left alone.

    Raises LoadFailed where the rows do not allow an index or a foreign key.
    """
    flows = read_flows(source, target, tables)
    own = tuple(flow for flow in flows if str(flow.target.name) in made)
    trimmings = {flow.source.name: trimming(source, flow.source.name) for flow in own}
    with answers(target):
        target.execute(_MEMORY)
    rested = _rest(target)
    for statement in ddl.after(own, trimmings):
        if statement.refers and not rested:
            yield events.Doing(f"not to {statement.what}: the role may not let it rest")
        elif not _is_there(target, statement):
            yield events.Doing(statement.what)
            _run(target, statement)
    yield events.Doing("setting sequences, gathering statistics")
    sequences.carry(source, target, flows)
    with answers(target):
        for name in targets(flows):
            target.execute(sql.SQL("ANALYZE {}").format(name.sql))
    Book(target, stream).end()


def _rest(target: Connection) -> bool:
    """Whether foreign keys rest in our sessions, so that rows may come in any order."""
    with answers(target):
        return target.execute("SHOW session_replication_role").fetchone() == ("replica",)


def _is_there(target: Connection, statement: ddl.Statement) -> bool:
    made = statement.makes
    if made is None:
        return False
    values = {"schema": made.table.schema, "table": made.table.table, "name": made.name}
    with answers(target):
        return target.execute(_THERE[made.kind].encode(), values).rowcount > 0


def _run(target: Connection, statement: ddl.Statement) -> None:
    try:
        with answers(target), target.transaction():
            for part in statement.sql:
                target.execute(part)
    except DatabaseRefused as error:
        raise LoadFailed(
            f"could not {statement.what}: {error.what}",
            where=error.where,
            hint="Every row is loaded. Mend it and start the load again: it goes on here.",
        ) from None
