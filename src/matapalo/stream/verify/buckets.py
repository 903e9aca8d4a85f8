"""Buckets: a table's content, summed up in parts, so that two tables are compared quickly.

    Cut by ranges of the key       bucket 0: key < b0, bucket 1: b0 ≤ key < b1, …
    Cut by the hash of the key     bucket: its lowest bits
    each bucket: how many rows, and the exclusive or of their hashes

Sums do not depend on the order of rows nor on how a scan was cut into pieces. A fault goes unseen
where hashes of 64 bits happen to cancel out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

_AIM = 250
"""How many rows a bucket should hold: what is read again for one row that differs."""
_MOST = 4000
"""How many buckets there are at most: what a scan keeps in memory."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The rows of one bucket."""

    rows: int = 0
    hash: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.rows + other.rows, self.hash ^ other.hash)


Sums = Mapping[int, Sum]
_NONE = Sum()


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a table's rows: keys from `low` on and below `high`, of one hash under a mask."""

    low: str | None = None
    high: str | None = None
    mask: int = 0
    value: int = 0
    rows: int = 0
    """How many rows the larger side has there."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a part is cut into buckets: at keys, or by bits of the key's hash."""

    part: Part = Part()
    bounds: tuple[str, ...] = ()
    mask: int = 0

    def bucket(self, number: int) -> Part:
        """Return the part that is one bucket."""
        if self.mask:
            return replace(self.part, mask=self.mask, value=number)
        low = self.bounds[number - 1] if number > 0 else None
        high = self.bounds[number] if number < len(self.bounds) else None
        return Part(low=low, high=high)


def fractions(rows: int) -> tuple[float, ...]:
    """Return where a table of so many rows is to be cut into ranges."""
    count = _count(rows)
    return tuple(i / count for i in range(1, count))


def by_hash(rows: int) -> Cut:
    """Return a cut of a whole table by the hash of its keys."""
    return Cut(mask=_mask(_count(rows)))


def finer(part: Part, rows_at_once: int) -> Cut:
    """Return a cut of a part that is too large to be read at once."""
    return Cut(part=part, mask=_mask(max(2 * (part.mask + 1), part.rows // rows_at_once)))


def _count(rows: int) -> int:
    return max(1, min(_MOST, rows // _AIM))


def _mask(count: int) -> int:
    return (1 << (count - 1).bit_length()) - 1


def merged(pieces: Iterable[Iterable[tuple[int, int, int]]]) -> dict[int, Sum]:
    """Add up what the pieces of a scan found: bucket, rows, hash."""
    total: dict[int, Sum] = {}
    for piece in pieces:
        for bucket, rows, value in piece:
            total[bucket] = total.get(bucket, _NONE) + Sum(rows, value)
    return total


def uneven(cut: Cut, one: Sums, other: Sums) -> list[Part]:
    """Return the buckets that differ, in the order of keys."""
    return [
        replace(
            cut.bucket(number),
            rows=max(one.get(number, _NONE).rows, other.get(number, _NONE).rows),
        )
        for number in sorted({*one, *other})
        if one.get(number, _NONE) != other.get(number, _NONE)
    ]


def groups(parts: Sequence[Part], rows_at_once: int) -> Iterator[list[Part]]:
    """Put parts together that can be read at once."""
    group: list[Part] = []
    for part in parts:
        if group and sum(one.rows for one in group) + part.rows > rows_at_once:
            yield group
            group = []
        group.append(part)
    if group:
        yield group
