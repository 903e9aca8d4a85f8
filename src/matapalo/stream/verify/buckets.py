"""Buckets: a table's content, summed up by ranges of its key, so that two tables compare quickly.

    bounds  b0 ─── b1 ─── b2          bucket 0: key < b0, bucket 1: b0 ≤ key < b1, …
    each bucket: how many rows, and the exclusive or of their hashes

Sums do not depend on the order of rows nor on how a scan was cut into pieces. A fault goes unseen
where hashes of 64 bits happen to cancel out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_AIM = 2000
"""How many rows a bucket should hold: what is read again for one row that differs."""
_MOST = 4000
"""How many buckets there are at most: what each row is compared with, what a scan keeps."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The rows of one bucket."""

    rows: int = 0
    hash: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.rows + other.rows, self.hash ^ other.hash)


Sums = Mapping[int, Sum]


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a range whose key's hash has one value under a mask."""

    mask: int
    value: int


@dataclass(frozen=True, slots=True)
class Range:
    """Keys from `low` on and below `high`; open where None."""

    low: str | None
    high: str | None
    rows: int
    """How many rows the larger side has there."""


def wanted_bounds(rows: int) -> tuple[float, ...]:
    """Return the fractions of a table at which its ranges should end."""
    count = max(1, min(_MOST, rows // _AIM))
    return tuple(i / count for i in range(1, count))


def merged(pieces: Iterable[Iterable[tuple[int, int, int]]]) -> dict[int, Sum]:
    """Add up what the pieces of a scan found: bucket, rows, hash."""
    total: dict[int, Sum] = {}
    for piece in pieces:
        for bucket, rows, value in piece:
            total[bucket] = total.get(bucket, Sum()) + Sum(rows, value)
    return total


def differing(one: Sums, other: Sums) -> list[int]:
    """Return the buckets that differ."""
    empty = Sum()
    return sorted(
        bucket for bucket in {*one, *other} if one.get(bucket, empty) != other.get(bucket, empty)
    )


def ranges(bounds: tuple[str, ...], one: Sums, other: Sums) -> list[Range]:
    """Return the ranges of the buckets that differ, in the order of keys."""
    return [
        Range(
            low=bounds[bucket - 1] if bucket > 0 else None,
            high=bounds[bucket] if bucket < len(bounds) else None,
            rows=max(side.get(bucket, Sum()).rows for side in (one, other)),
        )
        for bucket in differing(one, other)
    ]
