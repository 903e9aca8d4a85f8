"""Sequences: what numbers rows on both sides, kept from giving a number out twice.

The log says nothing of sequences. A target's are set ahead of the source's: after the load, and
again before writes change owner.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.catalog.trimming import trimming
from matapalo.stream.database import Connection, answers
from matapalo.stream.mapping import Flows
from matapalo.stream.names import literal
from matapalo.stream.shape import Name


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sequences that number the same column, one on each side."""

    source: Name
    target: Name
    column: str


def pairs(source: Connection, target: Connection, flows: Flows) -> Iterator[Pair]:
    """Yield the sequences of columns that both sides number."""
    for flow in flows:
        there = {s.column: s.name for s in trimming(target, flow.target.name).sequences}
        for sequence in trimming(source, flow.source.name).sequences:
            column = flow.becomes(sequence.column)
            if column is not None and column.name in there:
                yield Pair(sequence.name, there[column.name], column.name)


def carry(source: Connection, target: Connection, flows: Flows, *, ahead: int = 0) -> int:
    """Set the target's sequences `ahead` numbers further than the source's, never back.

    Returns how many there are. Raises DatabaseSilent or DatabaseRefused.
    """
    found = tuple(dict.fromkeys(pairs(source, target, flows)))
    for pair in found:
        with answers(source):
            row = source.execute(
                sql.SQL(
                    "SELECT last_value, is_called, seqincrement FROM {}, pg_sequence"
                    " WHERE seqrelid = {}::regclass"
                ).format(pair.source.sql, literal(pair.source.sql.as_string()))
            ).fetchone()
        if row is not None and (row[1] or ahead):
            _advance(target, pair.target, row[0] + ahead * row[2], up=row[2] > 0)
    return len(found)


def _advance(target: Connection, name: Name, value: int, *, up: bool) -> None:
    statement = sql.SQL(
        "SELECT setval({sequence}::regclass, {value}) FROM {name}"
        " WHERE last_value {further} {value} OR (last_value = {value} AND NOT is_called)"
    ).format(
        sequence=literal(name.sql.as_string()),
        value=sql.Literal(value),
        name=name.sql,
        further=sql.SQL("<" if up else ">"),
    )
    with answers(target):
        target.execute(statement)
