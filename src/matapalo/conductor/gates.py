"""What must hold before a slice goes on, judged by evidence. Going back is never gated.

    from                 judged
    everywhere           every edge heard from · how long it was there, a person, a hook: if wished
    monolith             the new side answers
    copying              every row is copied
    following            the new side answers
    shadowing            the copies that the new side answered · answers of both sides, compared
    reading, switched    the requests that the new side answered
    following and on     tables: content compared · lag · heartbeat · conflicts

Three answers: pass, fail, inconclusive. What is not known, or rests on too little, is
inconclusive, and only a pass lets a slice go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from matapalo.blueprint import Gates
from matapalo.conductor.gates_tables import TablesSeen, judge_tables
from matapalo.conductor.stages import ALL, Position, Stage
from matapalo.conductor.verdict import Outcome, Verdict, bounded
from matapalo.edge.report import Meter


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
class Compared:
    """Answers of both sides that were held against each other since the slice came to shadowing."""

    compared: int = 0
    mismatched: int = 0


@dataclass(frozen=True)
class Evidence:
    """What gates judge by."""

    edges: tuple[EdgeState, ...] = ()
    stay: float = 0
    """For how long the slice has been where it is, in seconds."""
    approved: str = ""
    """Who said yes to the next step."""
    hook: Answer | None = None
    """What the hook says; None where none is asked."""
    tables: TablesSeen | None = None
    """How its tables are; None for a slice without any."""
    answers: Compared | None = None
    """None where nothing is compared."""
    new: Meter = field(default_factory=Meter)
    """The new side since the present step began: its answers or, while shadowing, its copies'."""
    monolith: Baseline | None = None
    answer: Answer = Answer()


def judge(position: Position, gates: Gates, evidence: Evidence) -> tuple[Verdict, ...]:
    """Return a verdict for every gate that guards the way on from a position."""
    return (
        judge_edges(evidence.edges),
        *_side(position, gates, evidence),
        *(judge_tables(position, gates, evidence.tables) if evidence.tables else ()),
        *_wished(gates, evidence),
    )


def _side(position: Position, gates: Gates, evidence: Evidence) -> Iterator[Verdict]:
    if position.stage in {Stage.MONOLITH, Stage.FOLLOWING}:
        yield _answers(evidence.answer)
    if position >= Position(Stage.SHADOWING):
        yield from _traffic(gates, evidence)
    if position.stage is Stage.SHADOWING and evidence.answers is not None:
        yield _mismatches(gates, evidence.answers)


def _mismatches(gates: Gates, answers: Compared) -> Verdict:
    """Judge how many answers of the new side differ from the monolith's."""
    name, bound = "mismatches", gates.max_mismatch_rate
    rate = 100 * answers.mismatched / answers.compared if answers.compared else None
    if answers.compared < gates.min_compared:
        why = f"{answers.compared} of {gates.min_compared} answers compared"
        return Verdict(name, Outcome.INCONCLUSIVE, why, rate, bound)
    text = f"{{:.2f}}% of {answers.compared} answers differ, at most {{:.2f}}%"
    return bounded(name, rate, bound, text)


def _wished(gates: Gates, evidence: Evidence) -> Iterator[Verdict]:
    """Judge what is judged only where the blueprint wishes it."""
    if gates.min_soak:
        long_enough = evidence.stay >= gates.min_soak
        outcome = Outcome.PASS if long_enough else Outcome.INCONCLUSIVE
        why = f"{evidence.stay:.0f} of {gates.min_soak:g} s there"
        yield Verdict("soak", outcome, why, evidence.stay, gates.min_soak)
    if gates.approval:
        why = f"{evidence.approved} says yes" if evidence.approved else "nobody has said yes yet"
        yield Verdict("approval", Outcome.PASS if evidence.approved else Outcome.INCONCLUSIVE, why)
    if evidence.hook is not None:
        yield Verdict("hook", _OUTCOMES[evidence.hook.well], evidence.hook.why)


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


_OUTCOMES = {True: Outcome.PASS, False: Outcome.FAIL, None: Outcome.INCONCLUSIVE}


def _answers(answer: Answer) -> Verdict:
    return Verdict("answers", _OUTCOMES[answer.well], answer.why)


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
    return bounded("error_rate", rate, gates.max_error_rate, "{:.2f}% errors, at most {:.2f}%")


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
    return bounded(name, above, margin, text)


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
    return bounded("p99", p99, bound, text + against)


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
