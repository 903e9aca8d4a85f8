"""Trying the very statements, in transactions that are rolled back."""

from collections.abc import Iterator

from psycopg import sql

from matapalo.errors import DatabaseRefused
from matapalo.stream import ddl
from matapalo.stream.database import Connection, answers
from matapalo.stream.load.publication import create_publication
from matapalo.stream.load.ranges import Range
from matapalo.stream.load.statements import select
from matapalo.stream.mapping import Flows
from matapalo.stream.names import Stream
from matapalo.stream.plan import Plan
from matapalo.stream.preflight.finding import Finding, stop

_MOMENT = "SET LOCAL lock_timeout = '2s'"
"""A trial must not queue up before the application's own statements."""


def try_publication(source: Connection, stream: Stream, flows: Flows) -> Iterator[Finding]:
    """Make the publication, under another name."""
    statement = create_publication(f"{stream.on_server[:56]}_trial", flows)
    try:
        with answers(source), source.transaction(force_rollback=True):
            source.execute(_MOMENT)
            source.execute(statement)
    except DatabaseRefused as error:
        yield stop(
            f"its tables cannot be published: {error.what}",
            "source",
            "The role needs CREATE on the database and has to own the tables.",
        )


def try_reading(source: Connection, flows: Flows) -> Iterator[Finding]:
    """Plan the query that reads each table: its columns, its casts, its condition."""
    for number, flow in enumerate(flows):
        query = sql.SQL("EXPLAIN {}").format(select(flow, Range(number, 0)))
        try:
            with answers(source), source.transaction(force_rollback=True):
                source.execute(query)
        except DatabaseRefused as error:
            yield stop(f"it cannot be read as mapped: {error.what}", str(flow.source.name))


def try_making(target: Connection, plan: Plan) -> Iterator[Finding]:
    """Make what the target lacks, indexes and foreign keys included."""
    own = tuple(flow for flow in plan.flows if flow.target.name in plan.new)
    statements = (*plan.before, *ddl.after(own, plan.trimmings))
    doing = ""
    try:
        with answers(target), target.transaction(force_rollback=True):
            target.execute(_MOMENT)
            for statement in statements:
                doing = statement.what
                for part in statement.sql:
                    target.execute(part)
    except DatabaseRefused as error:
        yield stop(f"could not {doing}: {error.what}", "target", _hint(doing))


def _hint(doing: str) -> str:
    return (
        "Make the table yourself, as it shall be: it is taken as it is."
        if "table" in doing or "index" in doing or "key" in doing
        else "Let the role do so, or do it yourself."
    )
