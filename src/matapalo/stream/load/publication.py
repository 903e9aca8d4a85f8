"""The publication: which tables' changes the source's log gives out, and of which rows."""

from psycopg import sql

from matapalo.stream.database import Connection, answers
from matapalo.stream.mapping import Flow, Flows
from matapalo.stream.names import identifier, trusted
from matapalo.stream.shape import Kind, Name


def create_publication(name: str, flows: Flows) -> sql.Composed:
    """Return the statement. Changes of partitions count as changes of the whole table."""
    firsts: dict[Name, Flow] = {}
    for flow in flows:
        firsts.setdefault(flow.source.name, flow)
    return sql.SQL(
        "CREATE PUBLICATION {} FOR TABLE {} WITH (publish_via_partition_root = true)"
    ).format(identifier(name), sql.SQL(", ").join(_entry(flow) for flow in firsts.values()))


def publish(source: Connection, name: str, flows: Flows) -> None:
    """Make the publication anew. Raises DatabaseRefused where the role does not own a table."""
    with answers(source), source.transaction():
        source.execute(drop_publication(name))
        source.execute(create_publication(name, flows))


def drop_publication(name: str) -> sql.Composed:
    """Return the statement that drops a publication if it is there."""
    return sql.SQL("DROP PUBLICATION IF EXISTS {}").format(identifier(name))


def _entry(flow: Flow) -> sql.Composed:
    only = sql.SQL("" if flow.source.kind is Kind.PARTITIONED else "ONLY ")
    where = sql.SQL("")
    if flow.where is not None and flow.where_at_source:
        where = trusted(f" WHERE ({flow.where})")
    return sql.SQL("{}{}{}").format(only, flow.source.name.sql, where)
