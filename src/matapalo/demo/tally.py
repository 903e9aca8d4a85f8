"""What the customers saw, counted: a phase at a time, a side at a time. No input, no output.

    Seen, Seen, Seen … ──▶ Tally ──mark──▶ Phase

A user who changes side against the direction of a phase is counted: while a slice goes up, nobody
may come back from the new side to the monolith; while it goes down, nobody may go to the new one.
When the direction turns, whoever was seen last before has to be seen again: nobody knows on which
side a user was at the turn who asked for nothing shortly before it.

A read of somebody who has just written may be kept back: the monolith answers it until the new side
has that write. Such reads say nothing of a user's side, and are counted apart.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["up", "down"]
Side = Literal["monolith", "new"]
Work = Literal["read", "write"]
EXAMPLES = 10_000
"""How many failures of a phase are kept whole; all are counted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, as its customer saw it."""

    user: int
    path: str
    work: Work
    seconds: float
    status: int = 0
    """0 where no answer came."""
    slice: str | None = None
    """The slice whose route it was, if it was one's."""
    side: Side | None = None
    """Who answered, where the answer said so."""
    trouble: str = ""
    """Why it counts as failed."""
    began: float = 0
    """A monotonic clock's time, in seconds."""
    fresh: bool = False
    """A read of somebody who wrote to the same slice shortly before."""
    blind: bool = False
    """The customer's own last payment was not in the answer, and should have been."""


@dataclass(frozen=True)
class Timings:
    """How long answers took, in milliseconds; None where there were none."""

    requests: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


@dataclass(frozen=True)
class Traffic:
    """What one slice's customers saw in a phase."""

    reads: Mapping[Side, Timings]
    writes: Mapping[Side, Timings]
    moved_against: int
    """Changes of side, user by user, against the direction."""
    kept_back: int = 0
    """Reads that the monolith answered to users of the new side, since they had just written."""
    blind: int = 0
    """Reads in which a customer did not find the customer's own last payment."""

    @property
    def share_new(self) -> float | None:
        """The share of the reads that the new side answered, 0 to 1; None where there were none."""
        new, all_ = self.reads["new"].requests, sum(t.requests for t in self.reads.values())
        return new / all_ if all_ else None


@dataclass(frozen=True)
class Phase:
    """What all customers saw between two marks."""

    name: str
    directions: Mapping[str, Direction]
    seconds: float
    requests: int
    failed: int
    failures: tuple[Seen, ...]
    """The first of them."""
    slices: Mapping[str, Traffic]


@dataclass
class Tally:
    """Counts one phase; remembers from phase to phase who was on which side."""

    name: str
    began: float
    """A monotonic clock's time, in seconds."""
    slices: Sequence[str]
    directions: dict[str, Direction] = field(default_factory=dict)
    last_side: dict[str, dict[tuple[Work, int], Side]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    requests: int = 0
    failed: int = 0
    failures: list[Seen] = field(default_factory=list)
    times: dict[tuple[str, Work, Side], "array[float]"] = field(
        default_factory=lambda: defaultdict(lambda: array("f"))
    )
    against: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kept_back: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    blind: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, seen: Seen) -> None:
        """Take one more request into account."""
        self.requests += 1
        if seen.trouble:
            self.failed += 1
            if len(self.failures) < EXAMPLES:
                self.failures.append(seen)
        elif seen.slice and seen.side:
            self._answered(seen, seen.slice, seen.side)

    def phase(self, now: float) -> Phase:
        """Return what has been counted so far."""
        return Phase(
            name=self.name,
            directions={name: self._direction(name) for name in self.slices},
            seconds=now - self.began,
            requests=self.requests,
            failed=self.failed,
            failures=tuple(self.failures),
            slices={name: self._traffic(name) for name in self.slices},
        )

    def next(self, name: str, now: float, directions: Mapping[str, Direction]) -> "Tally":
        """Return the tally of the next phase; a direction that is not given stays."""
        after = Tally(name, now, self.slices, {**self.directions, **directions})
        for one in self.slices:
            # An answer that is still under way belongs to this phase and to the next one's memory.
            if after._direction(one) == self._direction(one):
                after.last_side[one] = self.last_side[one]
        return after

    def _answered(self, seen: Seen, name: str, side: Side) -> None:
        self.blind[name] += seen.blind
        if seen.fresh:
            user_of_new = self.last_side[name].get((seen.work, seen.user)) == "new"
            self.kept_back[name] += user_of_new and side == "monolith"
            return
        self.times[name, seen.work, side].append(seen.seconds * 1000)
        self._watch(name, seen.work, seen.user, side)

    def _watch(self, name: str, work: Work, user: int, side: Side) -> None:
        last = self.last_side[name]
        before = last.get((work, user), side)
        wrong: Side = "monolith" if self._direction(name) == "up" else "new"
        if side != before and side == wrong:
            self.against[name] += 1
        last[work, user] = side

    def _direction(self, name: str) -> Direction:
        return self.directions.get(name, "up")

    def _traffic(self, name: str) -> Traffic:
        reads, writes = (
            {side: timings(self.times.get((name, work, side), ())) for side in _SIDES}
            for work in _WORKS
        )
        return Traffic(
            reads,
            writes,
            moved_against=self.against.get(name, 0),
            kept_back=self.kept_back.get(name, 0),
            blind=self.blind.get(name, 0),
        )


_SIDES: tuple[Side, ...] = ("monolith", "new")
_WORKS: tuple[Work, ...] = ("read", "write")


def timings(milliseconds: Iterable[float]) -> Timings:
    """Sum up how long answers took."""
    ordered = sorted(milliseconds)
    return Timings(
        requests=len(ordered),
        p50=percentile(ordered, 0.50),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        longest=ordered[-1] if ordered else None,
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least this share of them does not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]
