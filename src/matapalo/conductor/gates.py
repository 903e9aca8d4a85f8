"""What must hold before a slice goes on, judged by evidence. Going back is never gated.

    from                       judged
    monolith, following        every edge heard from · the new side answers
    shadowing                  every edge heard from · the copies that the new side answered
    reading, switched          every edge heard from · the requests that the new side answered

Three answers: pass, fail, inconclusive. What is not known, or rests on too little, is
inconclusive, and only a pass lets a slice go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from matapalo.blueprint import Gates
from matapalo.conductor.stages import ALL, Position, Stage
from matapalo.edge.report import Meter


class Outcome(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - an answer, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Verdict:
    """One gate's answer, with what it measured and what it allows."""

    name: str
    outcome: Outcome
    why: str
    value: float | None = None
    bound: float | None = None


@dataclass(frozen=True)
class EdgeState:
    """An edge as the conductor knows it."""

    name: str
    live: bool
    """Whether it reported lately."""
    obeys: bool
    """Whether it obeys what is wanted now."""


@dataclass(frozen=True)
class Answer:
    """Whether the new side answers its health check; `well` is None where nobody could ask."""

    well: bool | None = None
    why: str = "not asked"


@dataclass(frozen=True)
class Baseline:
    """How the monolith did on the same routes, and how long ago that was, in seconds."""

    meter: Meter
    age: float = 0


@dataclass(frozen=True)
class Evidence:
    """What gates judge by."""

    edges: tuple[EdgeState, ...] = ()
    new: Meter = field(default_factory=Meter)
    """The new side since the present step began: its answers or, while shadowing, its copies'."""
    monolith: Baseline | None = None
    answer: Answer = Answer()


def judge(position: Position, gates: Gates, evidence: Evidence) -> tuple[Verdict, ...]:
    """Return a verdict for every gate that guards the way on from a position."""
    first = judge_edges(evidence.edges)
    if position < Position(Stage.SHADOWING):
        return (first, _answers(evidence.answer))
    return (first, *_traffic(gates, evidence))


def passed(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether every gate passed."""
    return all(verdict.outcome is Outcome.PASS for verdict in verdicts)


def failed(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether any gate failed: waiting for more evidence is of no use."""
    return any(verdict.outcome is Outcome.FAIL for verdict in verdicts)


def judge_edges(edges: tuple[EdgeState, ...]) -> Verdict:
    """Judge whether every edge was heard from and does what is wanted."""
    live = [edge for edge in edges if edge.live]
    late = [edge.name for edge in edges if not edge.live]
    behind = [edge.name for edge in live if not edge.obeys]
    if not live:
        outcome, why = Outcome.INCONCLUSIVE, "no edge is heard from"
    elif late:
        outcome, why = Outcome.INCONCLUSIVE, f"silent: {', '.join(late)}"
    elif behind:
        outcome, why = Outcome.INCONCLUSIVE, f"not yet obeying: {', '.join(behind)}"
    else:
        outcome, why = Outcome.PASS, f"{len(live)} of {len(edges)} live"
    return Verdict("edges", outcome, why, len(live) - len(behind), max(len(edges), 1))


def _answers(answer: Answer) -> Verdict:
    outcomes = {True: Outcome.PASS, False: Outcome.FAIL, None: Outcome.INCONCLUSIVE}
    return Verdict("answers", outcomes[answer.well], answer.why)


def _traffic(gates: Gates, evidence: Evidence) -> Iterator[Verdict]:
    requests = evidence.new.requests
    enough = requests >= gates.min_requests
    count = f"{requests} of {gates.min_requests} requests"
    yield Verdict(
        "requests",
        Outcome.PASS if enough else Outcome.INCONCLUSIVE,
        count,
        requests,
        gates.min_requests,
    )
    for verdict in (
        _errors(gates, evidence),
        _errors_above(gates, evidence),
        _p99(gates, evidence),
    ):
        yield verdict if enough else _too_few(verdict, count)


def _too_few(verdict: Verdict, count: str) -> Verdict:
    """Keep the value, for a person to see, and take back the judgement."""
    return Verdict(verdict.name, Outcome.INCONCLUSIVE, count, verdict.value, verdict.bound)


def _errors(gates: Gates, evidence: Evidence) -> Verdict:
    rate = evidence.new.error_rate()
    return _bounded("error_rate", rate, gates.max_error_rate, "{:.2f}% errors, at most {:.2f}%")


def _errors_above(gates: Gates, evidence: Evidence) -> Verdict:
    """Compare error rates; one within the margin passes whatever the monolith's is."""
    name, margin = "error_rate_above", gates.max_error_rate_above
    rate = evidence.new.error_rate()
    monolith = evidence.monolith
    theirs = monolith.meter.error_rate() if monolith else None
    if theirs is None and (rate is None or rate > margin):
        return Verdict(name, Outcome.INCONCLUSIVE, "nothing is known of the monolith", rate)
    above = None if rate is None else rate - (theirs or 0)
    text = f"{{:+.2f}} points against the monolith's{_aged(monolith)}, at most {{:+.2f}}"
    return _bounded(name, above, margin, text)


def _p99(gates: Gates, evidence: Evidence) -> Verdict:
    """Compare p99 latencies in milliseconds; below the floor it is fast enough."""
    p99 = evidence.new.percentile(0.99)
    monolith = evidence.monolith
    theirs = monolith.meter.percentile(0.99) if monolith else None
    if theirs is None and (p99 is None or p99 > gates.p99_floor_ms):
        return Verdict("p99", Outcome.INCONCLUSIVE, "nothing is known of the monolith", p99)
    bound = max(gates.p99_floor_ms, gates.max_p99_ratio * (theirs or 0))
    text = "p99 {:.1f} ms, at most {:.1f} ms"
    against = f" (the monolith's{_aged(monolith)} is {theirs:.1f} ms)" if theirs else ""
    return _bounded("p99", p99, bound, text + against)


def _bounded(name: str, value: float | None, bound: float, text: str) -> Verdict:
    if value is None:
        return Verdict(name, Outcome.INCONCLUSIVE, "nothing was measured", None, bound)
    outcome = Outcome.PASS if value <= bound else Outcome.FAIL
    return Verdict(name, outcome, text.format(value, bound), value, bound)


def _aged(monolith: Baseline | None) -> str:
    return f" of {monolith.age:.0f} s ago" if monolith and monolith.age else ""


def baseline(
    position: Position, gates: Gates, now: Meter, kept: Baseline | None
) -> Baseline | None:
    """Return what the new side is held against.

    That is the monolith's present window while it answers reads and has answered enough of them,
    or else the last such window that the ledger keeps: writes alone compare with nothing.
    """
    return Baseline(now) if comparable(position, gates, now) else kept


def comparable(position: Position, gates: Gates, monolith: Meter) -> bool:
    """Whether the monolith's window says how it does on the slice's routes."""
    reads = not position.new_owns and position.percent < ALL
    return reads and monolith.requests >= gates.min_requests
