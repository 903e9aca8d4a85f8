"""Sequences: what numbers rows on both sides, kept from giving a number out twice.

The log says nothing of sequences. A target's are set ahead of the source's: after the load, and
again before writes change owner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.catalog.trimming import numbering
from matapalo.stream.database import Connection, answers
from matapalo.stream.mapping import Flows
from matapalo.stream.names import literal, trusted
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

    One that has not so many left is set half of them further. Returns how many there are. Raises
    DatabaseSilent or DatabaseRefused.
    """
    found = tuple(dict.fromkeys(pairs(source, target, flows)))
    level(source, target, found, ahead=ahead)
    return len(found)


def level(source: Connection, target: Connection, found: Sequence[Pair], *, ahead: int = 0) -> None:
    """Likewise for sequences that were found before, in one question to each side."""
    if not found:
        return
    with answers(source):
        rows = source.execute(sql.SQL(" UNION ALL ").join(map(_state, range(len(found)), found)))
        states = sorted(rows.fetchall())
    advances = [
        _further(found[number].target, last, ahead, step)
        for number, last, called, step in states
        if called or ahead
    ]
    if advances:
        with answers(target):
            target.execute(sql.SQL("; ").join(advances))


def _state(number: int, pair: Pair) -> sql.Composed:
    """Return the question how far a sequence is."""
    return sql.SQL(
        "SELECT {}, last_value, is_called, seqincrement FROM {}, pg_sequence"
        " WHERE seqrelid = {}::regclass"
    ).format(sql.Literal(number), pair.source.sql, literal(pair.source.sql.as_string()))


def _further(name: Name, last: int, ahead: int, step: int) -> sql.Composed:
    """Return the statement that sets a sequence further, unless it is there or beyond."""
    nearer, end, behind = ("least", "seqmax", "<") if step > 0 else ("greatest", "seqmin", ">")
    return sql.SQL(
        "SELECT setval(seqrelid, value)"
        " FROM {name}, pg_sequence, LATERAL (SELECT {last} + {nearer}({ahead},"
        " div({end}::numeric - {last}, 2))::bigint) AS further(value)"
        " WHERE seqrelid = {sequence}::regclass"
        " AND (last_value {behind} value OR (last_value = value AND NOT is_called))"
    ).format(
        name=name.sql,
        sequence=literal(name.sql.as_string()),
        last=sql.Literal(last),
        ahead=sql.Literal(ahead * step),
        nearer=trusted(nearer),
        end=trusted(end),
        behind=trusted(behind),
    )
