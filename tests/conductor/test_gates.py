"""Gates: what passes, what fails, and what is not known well enough to say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.blueprint import Gates
from matapalo.conductor.gates import Answer, Baseline, EdgeState, Evidence, baseline, judge
from matapalo.conductor.stages import START, Position, Stage
from matapalo.conductor.verdict import Outcome, passed
from matapalo.edge.report import Meter
from tests.conductor.edge import meter

READING = Position(Stage.READING, 10)
LIVE = EdgeState("edge-1", live=True, obeys=True)
GATES = Gates(
    min_requests=100, max_error_rate=1, max_error_rate_above=0.5, max_p99_ratio=1.5, p99_floor_ms=50
)
GOOD = Evidence(edges=(LIVE,), new=meter(1000), monolith=Baseline(meter(1000)))


def outcomes(evidence: Evidence, here: Position = READING, gates: Gates = GATES) -> dict[str, str]:
    return {verdict.name: verdict.outcome.value for verdict in judge(here, gates, evidence)}


def test_all_gates_pass_when_both_sides_do_well() -> None:
    assert set(outcomes(GOOD).values()) == {"pass"}
    assert list(outcomes(GOOD)) == ["edges", "requests", "error_rate", "error_rate_above", "p99"]


SLOW = meter(1000, ms=400)


@pytest.mark.parametrize(
    ("changed", "gate", "expected"),
    [
        ({"new": meter(99)}, "requests", "inconclusive"),
        ({"new": meter(100)}, "requests", "pass"),
        ({"new": meter(1000, 10)}, "error_rate", "pass"),
        ({"new": meter(1000, 11)}, "error_rate", "fail"),
        ({"new": meter(1000, 5)}, "error_rate_above", "pass"),
        ({"new": meter(1000, 6)}, "error_rate_above", "fail"),
        (
            {"new": meter(1000, 6), "monolith": Baseline(meter(1000, 4))},
            "error_rate_above",
            "pass",
        ),
        ({"new": meter(1000, 5), "monolith": None}, "error_rate_above", "pass"),
        ({"new": meter(1000, 6), "monolith": None}, "error_rate_above", "inconclusive"),
        ({"new": SLOW}, "p99", "fail"),
        ({"new": SLOW, "monolith": Baseline(SLOW)}, "p99", "pass"),
        ({"new": SLOW, "monolith": None}, "p99", "inconclusive"),
        ({"new": meter(1000, ms=40), "monolith": Baseline(meter(1000, ms=1))}, "p99", "pass"),
        ({"new": meter(1000, ms=40), "monolith": None}, "p99", "pass"),
        ({"new": Meter(requests=1000)}, "p99", "inconclusive"),
        ({"edges": ()}, "edges", "inconclusive"),
        ({"edges": (LIVE, replace(LIVE, name="b", live=False))}, "edges", "inconclusive"),
        ({"edges": (LIVE, replace(LIVE, name="b", obeys=False))}, "edges", "inconclusive"),
        ({"edges": (LIVE, replace(LIVE, name="b"))}, "edges", "pass"),
    ],
)
def test_a_gate_judges_by_its_bound(changed: dict[str, object], gate: str, expected: str) -> None:
    assert outcomes(replace(GOOD, **changed))[gate] == expected  # type: ignore[arg-type]


def test_no_traffic_is_inconclusive_in_every_gate_of_traffic() -> None:
    quiet = outcomes(replace(GOOD, new=Meter()))
    assert set(quiet.values()) - {quiet.pop("edges")} == {"inconclusive"}


def test_too_few_requests_never_pass_and_never_fail_however_they_went() -> None:
    for few in (meter(99), meter(99, 99), meter(99, ms=900)):
        judged = outcomes(replace(GOOD, new=few))
        assert {judged[name] for name in judged if name != "edges"} == {"inconclusive"}


def test_why_says_how_many_there_are_and_how_many_there_must_be() -> None:
    verdict = judge(READING, GATES, replace(GOOD, new=meter(12)))[1]
    assert (verdict.why, verdict.value, verdict.bound) == ("12 of 100 requests", 12, 100)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Answer(True, "200"), "pass"), (Answer(False, "503"), "fail"), (Answer(), "inconclusive")],
)
def test_before_any_traffic_the_new_side_must_answer(answer: Answer, expected: str) -> None:
    judged = outcomes(Evidence(edges=(LIVE,), answer=answer), START)
    assert judged == {"edges": "pass", "answers": expected}


meters = st.builds(
    lambda requests, share, ms: meter(requests, int(requests * share), ms),
    st.integers(0, 5000),
    st.floats(0, 1),
    st.floats(0.5, 1200),
)


@given(meters, st.none() | meters.map(Baseline), st.sampled_from([(), (LIVE,)]))
def test_what_passes_rests_on_enough_and_keeps_every_bound(
    new: Meter, monolith: Baseline | None, edges: tuple[EdgeState, ...]
) -> None:
    evidence = Evidence(edges=edges, new=new, monolith=monolith)
    if passed(judge(READING, GATES, evidence)):
        assert edges
        assert new.requests >= GATES.min_requests
        assert (new.error_rate() or 0) <= GATES.max_error_rate
        theirs = (monolith and monolith.meter.percentile(0.99)) or 0
        p99 = new.percentile(0.99)
        assert p99 is not None
        assert p99 <= max(GATES.p99_floor_ms, GATES.max_p99_ratio * theirs)


@given(meters, meters)
def test_more_errors_never_turn_a_gate_from_fail_to_pass(new: Meter, monolith: Meter) -> None:
    worse = new.model_copy(update={"errors": new.requests})
    before = judge(READING, GATES, Evidence(new=new, monolith=Baseline(monolith)))
    after = judge(READING, GATES, Evidence(new=worse, monolith=Baseline(monolith)))
    for one, other in zip(before, after, strict=True):
        assert not (one.outcome is Outcome.FAIL and other.outcome is Outcome.PASS)


KEPT = Baseline(meter(500), age=90)


@pytest.mark.parametrize(
    ("here", "now", "expected"),
    [
        (Position(Stage.SHADOWING), meter(100), Baseline(meter(100))),
        (Position(Stage.SHADOWING), meter(99), KEPT),
        (Position(Stage.READING, 99), meter(100), Baseline(meter(100))),
        (Position(Stage.READING, 100), meter(100), KEPT),
        (Position(Stage.SWITCHED), meter(100), KEPT),
    ],
)
def test_the_new_side_is_held_against_the_monolith_while_that_answers_reads(
    here: Position, now: Meter, expected: Baseline
) -> None:
    assert baseline(here, GATES, now, KEPT) == expected


def test_an_old_comparison_says_how_old_it_is() -> None:
    verdicts = judge(READING, GATES, replace(GOOD, monolith=KEPT))
    assert all("90 s ago" in verdict.why for verdict in verdicts[3:])
