"""The statements that read rows from a source and put them into a target. Pure.

Whatever a mapping changes, the source computes while it reads, so that rows go from one server to
the other without being looked at. They are binary where a binary cell means the same on both
servers, and text elsewhere.
"""

from psycopg import sql

from matapalo.stream.catalog.types import BUILT_IN
from matapalo.stream.load.ranges import Range, condition
from matapalo.stream.mapping import Flow, Part, Value
from matapalo.stream.names import identifier, listed, literal, trusted
from matapalo.stream.shape import Kind

STAGE = identifier("matapalo_further")


def is_binary(flow: Flow) -> bool:
    """Return whether rows can travel in binary form."""
    return all(_is_binary(flow, value) for value in flow.values)


def copy_out(flow: Flow, piece: Range) -> sql.Composed:
    """Return the COPY that reads a range."""
    return sql.SQL("COPY ({}) TO STDOUT (FORMAT {})").format(select(flow, piece), _format(flow))


def select(flow: Flow, piece: Range) -> sql.Composed:
    """Return the query for a range's rows, as the target's columns."""
    conditions = [
        part
        for part in (
            condition(flow.source, piece),
            trusted(f"({flow.where})") if flow.where is not None else None,
        )
        if part is not None
    ]
    where = sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("")
    only = sql.SQL("" if flow.source.kind is Kind.PARTITIONED else "ONLY ")
    return sql.SQL("SELECT {} FROM {}{}{}").format(
        sql.SQL(", ").join(_read(flow, value) for value in flow.values),
        only,
        flow.source.name.sql,
        where,
    )


def copy_in(flow: Flow) -> sql.Composed:
    """Return the COPY that puts rows into the target, or into the stage of a further table."""
    into = STAGE if flow.part is Part.FURTHER else flow.target.name.sql
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(
        into, listed(value.column.name for value in flow.values), _format(flow)
    )


def make_stage(flow: Flow) -> sql.Composed:
    """Return the statement that makes the stage of a further table, for one transaction."""
    return sql.SQL(
        "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA"
    ).format(STAGE, listed(value.column.name for value in flow.values), flow.target.name.sql)


def merge_stage(flow: Flow) -> sql.Composed:
    """Return the statement that brings a further table's columns to the rows that are there."""
    names = [v.column.name for v in flow.values if v.column.name not in flow.target_key]
    return sql.SQL("UPDATE {} AS t SET {} FROM {} AS s WHERE {}").format(
        flow.target.name.sql,
        sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(identifier(name)) for name in names),
        STAGE,
        sql.SQL(" AND ").join(
            sql.SQL("t.{0} = s.{0}").format(identifier(name)) for name in flow.target_key
        ),
    )


def _format(flow: Flow) -> sql.SQL:
    return sql.SQL("binary") if is_binary(flow) else sql.SQL("text")


def _is_binary(flow: Flow, value: Value) -> bool:
    """A cast is made by the source, which need not know the target's own types."""
    built_in = 0 < value.column.oid < BUILT_IN and value.column.portable
    if value.source is None:
        return built_in
    return built_in if value.cast else flow.source.sent[value.source].portable


def _read(flow: Flow, value: Value) -> sql.Composable:
    if value.source is None:
        type_ = value.cast_type if is_binary(flow) else "text"
        return sql.SQL("CAST({} AS {})").format(literal(value.constant or ""), trusted(type_))
    column = identifier(flow.source.sent[value.source].name)
    if value.cast and is_binary(flow):
        return sql.SQL("CAST({} AS {})").format(column, trusted(value.cast_type))
    if value.cast and 0 < value.column.oid < BUILT_IN:
        return sql.SQL("CAST({} AS {})").format(column, trusted(value.cast_type))
    return column
