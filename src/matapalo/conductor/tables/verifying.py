"""Comparing both sides, and what is told of it: how much differs, and no value but keys."""

from collections.abc import Iterator
from datetime import UTC, datetime

from matapalo.conductor.data import Side, Verified
from matapalo.conductor.tables.ends import Ends
from matapalo.stream.verify import Compared, Manner, Outcome
from matapalo.stream.verify import verify as compare

_TOLD = 20


def verify(ends: Ends, owner: Side) -> Verified:
    """Compare, at one moment of the stream that carries the owner's writes. Raises CannotPin."""
    return verified(compare(ends.away(owner), Manner(), lambda flow, rows: None), owner)


def verified(outcome: Outcome, owner: Side) -> Verified:
    """Return what is told of an outcome."""
    monolith = owner is Side.MONOLITH
    return Verified(
        at=datetime.now(UTC),
        rows=sum(one.source_rows if monolith else one.target_rows for one in outcome.compared),
        differing=sum(map(_differing, outcome.compared)),
        position=outcome.pinned,
        faults=tuple(_faults(outcome))[:_TOLD],
    )


def _differing(one: Compared) -> int:
    """How many rows differ, as far as they are named; one at least where not all are."""
    return max(len(one.differences), 0 if one.complete else 1)


def _faults(outcome: Outcome) -> Iterator[str]:
    for one in outcome.compared:
        for difference in one.differences:
            columns = f": {', '.join(difference.columns)}" if difference.columns else ""
            yield f"{one.flow}: ({', '.join(difference.key)}) {difference.fault}{columns}"
