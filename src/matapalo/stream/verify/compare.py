"""Comparing a flow: sums of ranges, then the rows of ranges that differ, then their columns."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TypeVar

from matapalo.stream.mapping.flow import Flow
from matapalo.stream.verify.buckets import Cut, Part, Sum, finer, groups, uneven
from matapalo.stream.verify.outcome import Compared, Difference, Fault
from matapalo.stream.verify.side import Seen, Side
from matapalo.stream.verify.view import View, optional, views

T = TypeVar("T")

LIMIT = 10_000
"""How many rows that differ are named for a flow."""
_AT_ONCE = 50_000
"""How many rows' hashes are kept in memory at a time, about."""
_CELLS = 500
"""For how many rows it is found out at a time which columns differ."""


class Comparison:
    """One flow between two sides."""

    def __init__(self, flow: Flow, source: Side, target: Side) -> None:
        self._flow = flow
        self._sides = (source, target)
        self._views = views(flow)

    def run(self, *, limit: int = LIMIT, seen: Seen = lambda rows: None) -> Compared:
        """Compare. `seen` is told of rows as they are read, of both sides.

        Raises TableRewritten where a side's table has changed in a way that no snapshot covers.
        """
        began = time.monotonic()
        cut, one, other = self._sums(seen)
        found = list(islice(self._faults(uneven(cut, one, other)), limit + 1))
        compared = Compared(
            flow=str(self._flow),
            source_rows=sum(part.rows for part in one.values()),
            target_rows=sum(part.rows for part in other.values()),
            differences=tuple(self._with_columns(found[:limit])),
            complete=len(found) <= limit,
            seconds=time.monotonic() - began,
        )
        self.check()
        return compared

    def differing(self) -> Iterator[Difference]:
        """Yield every row that differs, as it is found, without its columns.

        All of it is void unless `check` passes in the end.
        """
        cut, one, other = self._sums(lambda rows: None)
        yield from self._faults(uneven(cut, one, other))

    def again(self, compared: Sequence[Difference]) -> list[Difference]:
        """Look at some rows again, and return those that differ still. Raises TableRewritten."""
        found = [now for part in _parts(compared) for now in self._look(part)]
        self.check()
        return found

    def check(self) -> None:
        """Check that both sides' tables could be read as of the moment. Raises TableRewritten."""
        self._both(Side.check)

    def _sums(self, seen: Seen) -> tuple[Cut, dict[int, Sum], dict[int, Sum]]:
        cut = self._sides[0].cut(self._views[0])
        one, other = self._both(partial(Side.sums, cut=cut, seen=seen))
        return cut, one, other

    def _faults(self, parts: Sequence[Part]) -> Iterator[Difference]:
        for group in groups(parts, _AT_ONCE):
            if len(group) == 1 and group[0].rows > _AT_ONCE:
                cut = finer(group[0], _AT_ONCE)
                one, other = self._both(partial(Side.finer_sums, cut=cut))
                yield from self._faults(uneven(cut, one, other))
            else:
                yield from self._faults_of(group)

    def _faults_of(self, parts: Sequence[Part]) -> Iterator[Difference]:
        source, target = self._both(partial(Side.rows, parts=parts))
        for key in sorted({*source, *target}):
            if source.get(key) != target.get(key):
                fault = _fault(key in source, key in target)
                if not (fault is Fault.EXTRA and optional(self._flow)):
                    yield Difference(key, fault)

    def _with_columns(self, found: Sequence[Difference]) -> Iterator[Difference]:
        for part in _parts([one for one in found if one.fault is Fault.DIFFERENT]):
            yield from self._look(part)
        yield from (one for one in found if one.fault is not Fault.DIFFERENT)

    def _look(self, part: Sequence[Difference]) -> Iterator[Difference]:
        keys = [one.key for one in part]
        source, target = self._both(partial(Side.cells, keys=keys))
        for key in keys:
            ours, theirs = source.get(key), target.get(key)
            if ours == theirs:
                continue
            columns = () if not ours or not theirs else self._uneven(ours[1:], theirs[1:])
            yield Difference(key, _fault(key in source, key in target), columns)

    def _uneven(self, ours: Sequence[int], theirs: Sequence[int]) -> tuple[str, ...]:
        names = self._views[1].names
        pairs = zip(names, ours, theirs, strict=True)
        return tuple(name for name, one, other in pairs if one != other)

    def _both(self, ask: Callable[[Side, View], T]) -> tuple[T, T]:
        with ThreadPoolExecutor(2) as pool:
            source, target = pool.map(ask, self._sides, self._views)
        return source, target


def _fault(at_source: bool, at_target: bool) -> Fault:
    if not at_target:
        return Fault.MISSING
    return Fault.DIFFERENT if at_source else Fault.EXTRA


def _parts(found: Sequence[Difference]) -> Iterator[Sequence[Difference]]:
    for first in range(0, len(found), _CELLS):
        yield found[first : first + _CELLS]
