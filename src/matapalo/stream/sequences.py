"""Sequences: what numbers rows on both sides, kept from giving a number out twice.

The log says nothing of sequences. A target's are set ahead of the source's: after the load, and
again before writes change owner.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.catalog.trimming import numbering
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
    """Yield the sequences of columns that both sides number, each pair once."""
    known: set[tuple[Name, Name]] = set()
    at_source = numbering(source, {flow.source.name for flow in flows})
    at_target = numbering(target, {flow.target.name for flow in flows})
    for flow in flows:
        there = {sequence.column: sequence.name for sequence in at_target[flow.target.name]}
        for sequence in at_source[flow.source.name]:
            column = flow.becomes(sequence.column)
            if column is None or column.name not in there:
                continue
            both = (sequence.name, there[column.name])
            if both not in known:
                known.add(both)
                yield Pair(*both, column.name)


def carry(source: Connection, target: Connection, flows: Flows, *, ahead: int = 0) -> int:
    """Set the target's sequences `ahead` numbers further than the source's, never back.

    Returns how many there are. Raises DatabaseSilent or DatabaseRefused.
    """
    found = tuple(pairs(source, target, flows))
    with answers(source), source.pipeline():
        asked = [source.execute(_where(pair.source)) for pair in found]
    with answers(target), target.pipeline():
        for pair, cursor in zip(found, asked, strict=True):
            last, is_called, step = cursor.fetchall()[0]
            if is_called or ahead:
                target.execute(_further(pair.target, last + ahead * step, up=step > 0))
    return len(found)


def _where(name: Name) -> sql.Composed:
    """Return the question how far a sequence is."""
    return sql.SQL(
        "SELECT last_value, is_called, seqincrement FROM {}, pg_sequence"
        " WHERE seqrelid = {}::regclass"
    ).format(name.sql, literal(name.sql.as_string()))


def _further(name: Name, value: int, *, up: bool) -> sql.Composed:
    """Return the statement that sets a sequence to a value, unless it is there or beyond."""
    return sql.SQL(
        "SELECT setval({sequence}::regclass, {value}) FROM {name}"
        " WHERE last_value {further} {value} OR (last_value = {value} AND NOT is_called)"
    ).format(
        sequence=literal(name.sql.as_string()),
        value=sql.Literal(value),
        name=name.sql,
        further=sql.SQL("<" if up else ">"),
    )
