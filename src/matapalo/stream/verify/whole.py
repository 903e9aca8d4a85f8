"""Comparing all tables of a stream."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from matapalo.errors import TableRewritten
from matapalo.stream import catalog
from matapalo.stream.database import connect
from matapalo.stream.job import Job
from matapalo.stream.lsn import written
from matapalo.stream.mapping import Flow, Flows
from matapalo.stream.verify.compare import LIMIT, Comparison
from matapalo.stream.verify.outcome import Compared, Difference, Outcome
from matapalo.stream.verify.pin import LEASE, Ends, Moment, pinned
from matapalo.stream.verify.side import Side

Told = Callable[[Flow, int], None]
"""Told of rows as they are read: of which flow, and how many."""

_LOOKS = 3
"""How often rows that differ are read again where nothing holds both sides at one moment."""
_BETWEEN = 1.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How to compare."""

    pin: bool = True
    """At one moment of a running stream; else both sides as they are, and what differs again."""
    sessions: int = 2
    """How many sessions read each side."""
    limit: int = LIMIT
    """How many rows that differ are named, of each table."""
    lease: float = LEASE


def verify(job: Job, manner: Manner, told: Told) -> Outcome:
    """Compare the content of both sides over the mapping, from the monolith to the new side.

    Pinned, `job`'s stream has to be the one that carries the owner's writes. A table that is
    emptied or rewritten meanwhile is compared again, at another moment. Raises CannotPin,
    TableRewritten where that happens every time, MappingWrong, DatabaseSilent, DatabaseRefused.
    """
    flows = flows_of(job)
    found: dict[Flow, Compared] = {}
    for look in range(_LOOKS):
        left = [flow for flow in flows if flow not in found]
        position, rewritten = _round(job, manner, told, left, found)
        if rewritten is None:
            break
        if look == _LOOKS - 1:
            raise rewritten
    return Outcome(tuple(found[flow] for flow in flows), position)


def flows_of(job: Job) -> Flows:
    """Return the flows from the monolith to the new side."""
    with connect(job.monolith) as monolith, connect(job.new) as new:
        return job.both_ways(
            catalog.shapes(monolith, job.at_monolith), catalog.shapes(new, job.at_new)
        )


def ends_of(job: Job) -> Ends:
    """Return what a stream is held and pinned by."""
    return Ends(job.stream, job.source, job.target)


def in_order(job: Job, moment: Moment) -> tuple[Side, Side]:
    """Return the sides of a moment: the monolith's, the new one's."""
    sides = (moment.source, moment.target)
    return sides if job.forward else sides[::-1]


@contextmanager
def _sides(job: Job, manner: Manner) -> Iterator[tuple[Side, Side, str]]:
    if not manner.pin:
        with (
            Side(job.monolith, sessions=manner.sessions) as monolith,
            Side(job.new, sessions=manner.sessions) as new,
        ):
            yield monolith, new, ""
        return
    with pinned(ends_of(job), sessions=manner.sessions, lease=manner.lease) as moment:
        yield *in_order(job, moment), written(moment.position)


def _round(
    job: Job, manner: Manner, told: Told, flows: Sequence[Flow], found: dict[Flow, Compared]
) -> tuple[str, TableRewritten | None]:
    """Compare flows at one moment; return its position, and why some could not be."""
    why: TableRewritten | None = None
    with _sides(job, manner) as (monolith, new, position):
        for flow in flows:
            comparison = Comparison(flow, monolith, new)
            try:
                found[flow] = comparison.run(limit=manner.limit, seen=partial(told, flow))
            except TableRewritten as rewritten:
                why = rewritten
    if not manner.pin:
        found |= {flow: _again(job, flow, found[flow]) for flow in flows if flow in found}
    return position, why


def _again(job: Job, flow: Flow, compared: Compared) -> Compared:
    """Keep the differences that stay, for a row on its way is none."""
    left: Sequence[Difference] = compared.differences
    for _ in range(_LOOKS):
        if not left:
            break
        time.sleep(_BETWEEN)
        with Side(job.monolith, sessions=1) as monolith, Side(job.new, sessions=1) as new:
            left = Comparison(flow, monolith, new).again(left)
    return replace(compared, differences=tuple(left))
