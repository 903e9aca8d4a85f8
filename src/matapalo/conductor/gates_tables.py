"""What must hold of a slice's tables before it goes on, judged by how the streams are.

copied      every row is copied
lag         how far the other side is behind, its p99 of the last minute
heartbeat   how old the last sign of life is that came through
conflicts   rows that did not find the other side as the log has it
verified    the content of both sides was compared, lately, and is the same
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from matapalo.blueprint import Gates
from matapalo.conductor.data import Side, TableState, Verified
from matapalo.conductor.stages import Position, Stage
from matapalo.conductor.verdict import Outcome, Verdict, bounded


@dataclass(frozen=True)
class TablesSeen:
    """A slice's tables as they were seen last."""

    state: TableState
    now: datetime
    lag: float | None = None
    """The p99 of the lag in the last minute, in seconds; None where it is not known."""
    verified: Verified | None = None


def judge_tables(position: Position, gates: Gates, seen: TablesSeen) -> Iterator[Verdict]:
    """Judge the tables at a position. Before anything is copied, and in the end, nothing is."""
    if position.stage is Stage.COPYING:
        yield _copied(seen)
    if Position(Stage.FOLLOWING) <= position < Position(Stage.RETIRED):
        yield _lag(gates, seen)
        yield _heartbeat(position, gates, seen)
        yield _conflicts(seen)
        yield _verified(gates, seen)


def _copied(seen: TablesSeen) -> Verdict:
    way = seen.state.forward
    if way.loaded:
        return Verdict("copied", Outcome.PASS, "every row is copied")
    if way.phase == "lost":
        return Verdict("copied", Outcome.FAIL, way.trouble or "the copy is lost")
    why = way.trouble or way.progress or "nothing is known of the copy"
    return Verdict("copied", Outcome.INCONCLUSIVE, why)


def _lag(gates: Gates, seen: TablesSeen) -> Verdict:
    if seen.lag is None:
        return Verdict("lag", Outcome.INCONCLUSIVE, "the lag is not known", None, gates.max_lag)
    return bounded("lag", seen.lag, gates.max_lag, "{:.2f} s behind (p99), at most {:g} s")


def _heartbeat(position: Position, gates: Gates, seen: TablesSeen) -> Verdict:
    side = Side.MONOLITH if position.new_owns else Side.NEW
    way = seen.state.towards(side)
    bound = gates.max_heartbeat_age
    if way.heartbeat_age is None or not way.running:
        why = way.trouble or "the stream is not heard of"
        return Verdict("heartbeat", Outcome.INCONCLUSIVE, why, None, bound)
    return bounded("heartbeat", way.heartbeat_age, bound, "{:.1f} s old, at most {:g} s")


def _conflicts(seen: TablesSeen) -> Verdict:
    counts = [way.conflicts for way in (seen.state.forward, seen.state.reverse)]
    known = [count for count in counts if count is not None]
    if not known:
        return Verdict("conflicts", Outcome.INCONCLUSIVE, "nothing is known of conflicts")
    count = sum(known)
    why = "none" if not count else f"{count}: see `matapalo stream status`"
    return Verdict("conflicts", Outcome.FAIL if count else Outcome.PASS, why, count, 0)


def _verified(gates: Gates, seen: TablesSeen) -> Verdict:
    name, found, bound = "verified", seen.verified, gates.verified_within
    if found is None:
        return Verdict(name, Outcome.INCONCLUSIVE, "not compared yet", None, bound)
    age = (seen.now - found.at).total_seconds()
    if not found.clean:
        why = f"{found.differing} of {found.rows:,} rows differ"
        return Verdict(name, Outcome.FAIL, why, age, bound)
    if age > bound:
        why = f"compared {age:.0f} s ago, at most {bound:g} s"
        return Verdict(name, Outcome.INCONCLUSIVE, why, age, bound)
    return Verdict(name, Outcome.PASS, f"{found.rows:,} rows the same, {age:.0f} s ago", age, bound)
