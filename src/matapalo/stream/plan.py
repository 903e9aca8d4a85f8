"""What a stream is going to do, found out from both servers before anything is changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from matapalo.blueprint import Table
from matapalo.stream import catalog, ddl
from matapalo.stream.catalog.made import made_types
from matapalo.stream.catalog.trimming import Trimming, trimming
from matapalo.stream.database import Connection, answers
from matapalo.stream.mapping import Flows, map_tables
from matapalo.stream.shape import Name

ROW_FILTERS_SINCE = 150000


@dataclass(frozen=True, slots=True)
class Plan:
    """Flows, and what the target lacks for them."""

    flows: Flows
    new: tuple[Name, ...]
    """The target's tables that have to be made."""
    before: tuple[ddl.Statement, ...]
    trimmings: dict[Name, Trimming]
    """What belongs to the source's tables."""


def plan(source: Connection, target: Connection, tables: Sequence[Table]) -> Plan:
    """Read both sides and decide. Raises MappingWrong, DatabaseSilent or DatabaseRefused."""
    flows = read_flows(source, target, tables)
    trimmings = {f.source.name: trimming(source, f.source.name) for f in flows}
    present = read_present(target, flows)
    made = made_types(source, [flow.source for flow in flows])
    return Plan(
        flows=flows,
        new=tuple(
            dict.fromkeys(f.target.name for f in flows if f.target.name not in present.tables)
        ),
        before=ddl.before(flows, trimmings, made, present),
        trimmings=trimmings,
    )


def read_flows(source: Connection, target: Connection, tables: Sequence[Table]) -> Flows:
    """Return the flows for the tables as they are now. Raises MappingWrong."""
    sources = catalog.shapes(source, [Name.parse(table.name) for table in tables])
    targets = catalog.shapes(target, [Name.parse(table.target) for table in tables])
    row_filters = source.info.server_version >= ROW_FILTERS_SINCE
    return map_tables(tables, sources, targets, row_filters=row_filters)


def read_present(target: Connection, flows: Flows) -> ddl.Present:
    """Read what a target has already."""
    found = catalog.shapes(target, [flow.target.name for flow in flows])
    with answers(target):
        schemas = target.execute("SELECT nspname FROM pg_namespace").fetchall()
        types = target.execute(
            "SELECT nspname, typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace"
        ).fetchall()
    return ddl.Present(
        version=target.info.server_version,
        schemas=frozenset(row[0] for row in schemas),
        tables=frozenset(found),
        types=frozenset((row[0], row[1]) for row in types),
    )


def fingerprint(tables: Sequence[Table]) -> str:
    """Return a short text that is another one for every other mapping."""
    text = "\n".join(table.model_dump_json() for table in tables)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
