"""What a demonstration claims, and whether it held: judged from what the customers saw."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from matapalo.conductor import Position, SliceView, Stage
from matapalo.demo.customer import Books
from matapalo.demo.performance import Performed
from matapalo.demo.reckoning import Reckoning
from matapalo.demo.tally import Phase, Seen, Traffic

CERTAINTY = 4
"""Standard deviations that a share of users may lie from the share that was wished: users are
assigned by a hash, so that a share of few users is met only roughly, and seen only roughly where
they ask for little."""


@dataclass(frozen=True)
class Claim:
    """Something that must have been so."""

    text: str
    held: bool
    found: str
    """What was found."""


def nothing(_: Seen) -> bool:
    """Excuse nothing."""
    return False


@dataclass(frozen=True)
class Witnessed:
    """All that a demonstration is judged by."""

    acts: Sequence[Performed]
    phases: Sequence[Phase]
    books: Books
    ends: Sequence[SliceView]
    """Where the slices are at last."""
    users: int
    hold: float
    """The longest that a write may wait at a switch, in seconds."""
    reckoning: Reckoning
    """Taken when both sides had everything for the last time."""
    missing: int = 0
    """Acknowledged payments that are not where payments are kept at last."""
    excused: Callable[[Seen], bool] = field(default=nothing)
    """Which failures are no wonder."""
    storm: bool = False
    """Whether processes were killed. Then breaches may have sent users back, streams were late, and
    writes waited for whoever answers them: what is certain even then is judged."""


def claims(seen: Witnessed) -> tuple[Claim, ...]:
    """Judge a whole demonstration."""
    of_calm = (_directions, _divisions, _answers, _pauses)
    return (
        _failures(seen),
        *(judge(seen) for judge in of_calm if not seen.storm),
        _ends(seen.acts, seen.ends),
        Claim("no peso was made or lost", seen.books.agree, _money(seen.books)),
        *_payments(seen),
        _contents(seen),
    )


def _failures(seen: Witnessed) -> Claim:
    requests = sum(phase.requests for phase in seen.phases)
    failed = sum(phase.failed for phase in seen.phases)
    excused = sum(seen.excused(one) for phase in seen.phases for one in phase.failures)
    if not seen.storm:
        return Claim("no request failed", failed == 0 < requests, f"{failed} of {requests:,}")
    text = "no request failed but those whose server was killed"
    said = f"{failed - excused} of {requests:,}, and {excused} whose server was"
    return Claim(text, failed == excused and requests > 0, said)


def _directions(seen: Witnessed) -> Claim:
    against = sum(t.moved_against for phase in seen.phases for t in phase.slices.values())
    return Claim("no user changed side against the direction", against == 0, f"{against} did")


def _divisions(seen: Witnessed) -> Claim:
    astray = [text for act in seen.acts for text in _astray(act, seen.users)]
    said = "; ".join(astray) or f"{len(seen.acts)} of {len(seen.acts)}"
    return Claim("every step divided the traffic as it says", not astray, said)


def _ends(acts: Sequence[Performed], ends: Iterable[SliceView]) -> Claim:
    lost = _lost(acts, ends)
    said = "; ".join(lost) or "all are"
    return Claim("every slice is where its last step led", not lost, said)


def _payments(seen: Witnessed) -> Iterator[Claim]:
    """Judge what became of payments that were acknowledged."""
    rows, blind = seen.reckoning, _total(seen.phases, lambda traffic: traffic.blind)
    yield Claim(
        "every acknowledged payment was on both sides, once",
        rows.complete and seen.missing == 0,
        f"{rows.acknowledged:,} acknowledged, {rows.at_monolith:,} at the monolith, "
        f"{rows.at_new:,} at new; {seen.missing} missing at last",
    )
    yield Claim("every customer saw the own payments at once", blind == 0, f"{blind} did not")


def _contents(seen: Witnessed) -> Claim:
    verified, conflicts = seen.reckoning.verified, seen.reckoning.conflicts
    return Claim(
        "both sides held the same, by content",
        verified.clean and verified.rows > 0 and conflicts == 0,
        f"{verified.rows:,} rows, {verified.differing} differ; {conflicts} conflicts",
    )


def _answers(seen: Witnessed) -> Claim:
    compared = sum(act.compared.compared for act in seen.acts)
    mismatched = sum(act.compared.mismatched for act in seen.acts)
    return Claim(
        "both sides answered the same",
        mismatched == 0 < compared,
        f"{mismatched} of {compared} answers that were compared differ",
    )


def _pauses(seen: Witnessed) -> Claim:
    """Judge what customers saw of the switches. Without anybody who waited nothing is known."""
    switches = [act for act in seen.acts if act.pause is not None]
    waited = [act.waited.longest for act in switches if act.waited.longest is not None]
    longest = max(waited, default=0.0)
    return Claim(
        "no write waited longer than it may at a switch",
        len(waited) == len(switches) > 0 and longest <= 1000 * seen.hold,
        f"{longest:.0f} ms at most, in {len(switches)} switches",
    )


def _total(phases: Iterable[Phase], count: Callable[[Traffic], int]) -> int:
    return sum(count(traffic) for phase in phases for traffic in phase.slices.values())


def _astray(performed: Performed, users: int) -> list[str]:
    """Return what differed, once the step was done, from what the position says."""
    position, traffic = performed.act.position, performed.settled.slices[performed.act.slice]
    wished, share = share_of(position), traffic.share_new
    said = []
    if share is None:
        said.append("no reads")
    elif abs(share - wished) > _tolerance(wished, users, traffic):
        said.append(f"{share:.1%} of reads at new instead of {wished:.0%}")
    if wrong := _wrong_writes(position, traffic):
        said.append(f"{wrong} writes on the wrong side")
    return [f"{performed.act.title}: {text}" for text in said]


def _wrong_writes(position: Position, traffic: Traffic) -> int:
    return traffic.writes["monolith" if position.new_owns else "new"].requests


def _lost(acts: Sequence[Performed], ends: Iterable[SliceView]) -> list[str]:
    """Return the slices that are not where their last act led them."""
    goals = {performed.act.slice: performed.act.position for performed in acts}
    found = {seen.name: Position(Stage(seen.stage), seen.percent) for seen in ends}
    return [
        f"{name} is at {found.get(name)}, not at {goal}"
        for name, goal in goals.items()
        if found.get(name) != goal
    ]


def share_of(position: Position) -> float:
    """Return the share of users that the new side shall answer, 0 to 1."""
    if position.stage is Stage.READING:
        return position.percent / 100
    return float(position.new_owns)


def _tolerance(share: float, users: int, traffic: Traffic) -> float:
    """Return how far a share may be off; not at all where it is all or nothing."""
    reads = sum(timings.requests for timings in traffic.reads.values())
    return CERTAINTY * math.sqrt(share * (1 - share) * (1 / users + 1 / max(reads, 1)))


def _money(books: Books) -> str:
    text = f"{books.at_first:,} + {books.brought_in:,} topped up = {books.found:,}"
    if books.agree:
        return text
    return (
        f"{text} does not hold; {len(books.differing)} balances differ, "
        f"{books.paid_twice} payments were taken for others"
    )
