"""What a demonstration claims, and whether it held: judged from what the customers saw."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matapalo.conductor import Position, SliceView, Stage
from matapalo.demo.customers import Books
from matapalo.demo.performance import Performed
from matapalo.demo.tally import Phase, Traffic

CERTAINTY = 4
"""Standard deviations that a share of users may lie from the share that was wished: users are
assigned by a hash, so that a share of few users is met only roughly."""


@dataclass(frozen=True)
class Claim:
    """Something that must have been so."""

    text: str
    held: bool
    found: str
    """What was found."""


def claims(
    acts: Sequence[Performed],
    phases: Sequence[Phase],
    books: Books,
    ends: Iterable[SliceView],
    users: int,
) -> tuple[Claim, ...]:
    """Judge a whole demonstration. `users` is how many customers there were."""
    requests = sum(phase.requests for phase in phases)
    failed = sum(phase.failed for phase in phases)
    against = sum(t.moved_against for phase in phases for t in phase.slices.values())
    astray = [text for act in acts for text in _astray(act, users)]
    lost = _lost(acts, ends)
    return (
        Claim("no request failed", failed == 0 < requests, f"{failed} of {requests:,}"),
        Claim("no user changed side against the direction", against == 0, f"{against} did"),
        Claim(
            "every step divided the traffic as it says",
            not astray,
            "; ".join(astray) or f"{len(acts)} of {len(acts)}",
        ),
        Claim("every slice is where its last step led", not lost, "; ".join(lost) or "all are"),
        Claim("no peso was made or lost", books.agree, _money(books)),
    )


def _astray(performed: Performed, users: int) -> list[str]:
    """Return what differed, once the step was done, from what the position says."""
    position, traffic = performed.act.position, performed.settled.slices[performed.act.slice]
    wished, share = share_of(position), traffic.share_new
    said = []
    if share is None:
        said.append("no reads")
    elif abs(share - wished) > _tolerance(wished, users):
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


def _tolerance(share: float, users: int) -> float:
    """Return how far a share may be off; not at all where it is all or nothing."""
    return CERTAINTY * math.sqrt(share * (1 - share) / users)


def _money(books: Books) -> str:
    text = f"{books.at_first:,} + {books.brought_in:,} topped up = {books.found:,}"
    return text if books.agree else f"{text} does not hold; {len(books.differing)} balances differ"
