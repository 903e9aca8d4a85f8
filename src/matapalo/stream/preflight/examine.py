"""Examining both sides of a stream."""

from collections.abc import Iterator, Sequence

from matapalo.blueprint import Table
from matapalo.errors import MappingWrong
from matapalo.stream import ddl
from matapalo.stream.catalog.made import made_types
from matapalo.stream.database import Connection, answers
from matapalo.stream.load.book import Book
from matapalo.stream.mapping import obstacles
from matapalo.stream.names import Stream
from matapalo.stream.plan import Plan, plan
from matapalo.stream.preflight import servers, tables, trials
from matapalo.stream.preflight.facts import Side, gather
from matapalo.stream.preflight.finding import Finding, Findings, note, stop, warn
from matapalo.stream.shape import Name


def examine(
    source: Connection, target: Connection, stream: Stream, wanted: Sequence[Table]
) -> Findings:
    """Find what would hurt later. Nothing is changed on either side.

    Raises DatabaseSilent where a server does not answer.
    """
    sides = (
        gather(source, stream, [Name.parse(table.name) for table in wanted]),
        gather(target, stream, [Name.parse(table.target) for table in wanted]),
    )
    resumed = _has_begun(target, stream)
    found = list(_of_servers(sides, stream, resumed=resumed))
    try:
        intended = plan(source, target, wanted)
    except MappingWrong as error:
        return Findings.of([*found, stop(error.what, "mapping", error.hint)])
    found += tables.of_source(intended.flows, sides[0])
    found += tables.of_target(intended.flows, sides[1], resumed=resumed)
    found += _extensions(source, target, intended)
    found += _behind(intended)
    if not Findings.of(found).stops:
        found += trials.try_reading(source, intended.flows)
        found += trials.try_publication(source, stream, intended.flows)
        found += trials.try_making(target, intended)
    return Findings.of(found)


def _of_servers(sides: tuple[Side, Side], stream: Stream, *, resumed: bool) -> Iterator[Finding]:
    source, target = sides
    yield from servers.of_source(source.server, stream, resumed=resumed)
    yield from servers.of_target(target)
    yield from servers.of_way_back(target.server)
    yield from servers.of_both(source, target)


def _has_begun(target: Connection, stream: Stream) -> bool:
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.load')").fetchone() == (None,):
            return False
    return Book(target, stream).record() is not None


def _extensions(source: Connection, target: Connection, intended: Plan) -> Iterator[Finding]:
    """Types that only an extension brings, or that are the rows of a table."""
    with answers(target):
        there = {row[0] for row in target.execute("SELECT extname FROM pg_extension")}
    new = [flow.source for flow in intended.flows if flow.target.name in intended.new]
    for made in made_types(source, new):
        if made.extension and made.extension not in there:
            hint = f"CREATE EXTENSION {made.extension}"
            yield stop(f"the type {made} is missing, of {made.extension}", "target", hint)
        elif not made.extension and not made.definition:
            yield warn(f"the type {made} is not made from here", "target", "Make it yourself.")


def _behind(intended: Plan) -> Iterator[Finding]:
    for reason in obstacles(intended.flows):
        hint = "Without a way back the slice can be copied and followed, but not switched."
        yield warn(f"rows cannot come back: {reason}", "mapping", hint)
    new = tuple(flow for flow in intended.flows if flow.target.name in intended.new)
    for thing in ddl.left_out(new, intended.trimmings):
        yield note(f"new tables do not get {thing}", "target")
