"""Ranges: a table cut along its key, so that its pieces can be copied side by side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.mapping import Flow
from matapalo.stream.names import listed, literal, trusted
from matapalo.stream.shape import Shape

Bound = tuple[str, ...]
"""Values of the key's columns, as text."""


@dataclass(frozen=True, slots=True)
class Range:
    """The rows of one flow whose key is at least `low` and below `high`; None is no bound."""

    flow: int
    """Which of the stream's flows."""
    number: int
    low: Bound | None = None
    high: Bound | None = None


def pieces(size: int, piece: int, most: int) -> int:
    """Return into how many ranges a table of `size` bytes is cut."""
    return max(1, min(math.ceil(size / piece), most))


def cut(flow: int, samples: Sequence[Bound], count: int) -> tuple[Range, ...]:
    """Cut along samples of keys, in the order of the keys, into at most `count` ranges.

    Together the ranges have every key, each of them once, whatever the samples are.
    """
    at = [samples[len(samples) * i // count] for i in range(1, count)] if samples else []
    bounds = list(dict.fromkeys(at))
    lows, highs = [None, *bounds], [*bounds, None]
    return tuple(
        Range(flow, number, low, high)
        for number, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def condition(shape: Shape, piece: Range) -> sql.Composable | None:
    """Return the SQL that holds for the rows of a range; nothing where it is the whole table."""
    parts = [
        _compared(shape, bound, trusted(operator))
        for bound, operator in ((piece.low, ">="), (piece.high, "<"))
        if bound is not None
    ]
    return sql.SQL(" AND ").join(parts) if parts else None


def _compared(shape: Shape, bound: Bound, operator: sql.SQL) -> sql.Composed:
    values = [
        sql.SQL("CAST({} AS {})").format(literal(value), trusted(column.type))
        for name, value in zip(shape.key, bound, strict=True)
        if (column := shape.column(name)) is not None
    ]
    return sql.SQL("ROW({}) {} ROW({})").format(
        listed(shape.key), operator, sql.SQL(", ").join(values)
    )


def sample(flow: Flow, percent: float) -> sql.Composed:
    """Return the query that takes a share of the keys, in their order, as text."""
    # Without the alias, the order would be that of the texts.
    keys = [sql.Identifier("t", name) for name in flow.source.key]
    return sql.SQL(
        "SELECT {} FROM {} AS t TABLESAMPLE SYSTEM ({}) REPEATABLE (1) ORDER BY {}"
    ).format(
        sql.SQL(", ").join(sql.SQL("CAST({} AS text)").format(key) for key in keys),
        flow.source.name.sql,
        sql.Literal(percent),
        sql.SQL(", ").join(keys),
    )
