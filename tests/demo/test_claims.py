"""A demonstration is judged by what its customers saw: any claim can break."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from matapalo.compare import SliceComparisons
from matapalo.conductor import Position, SliceView, Stage, Verified
from matapalo.demo.claims import Claim, Witnessed, claims
from matapalo.demo.customer import Books
from matapalo.demo.performance import Performed
from matapalo.demo.reckoning import Reckoning
from matapalo.demo.story import SERVICE_SLICE, TABLE_SLICE, Act, ending, story
from matapalo.demo.tally import Phase, Seen, Side, Tally, Timings, Work

USERS = 200
BOOKS = Books(at_first=1000, brought_in=50, found=1050, differing=())
VERIFIED = Verified(at=datetime(2025, 1, 1, tzinfo=UTC), rows=90, differing=0)
RECKONING = Reckoning(acknowledged=9, at_monolith=9, at_new=9, conflicts=0, verified=VERIFIED)
WAITED = Timings(requests=3, p50=5, p95=9, p99=9, longest=9)


def phase(*seen: Seen) -> Phase:
    tally = Tally("a phase", 0, (SERVICE_SLICE,))
    for one in seen:
        tally.count(one)
    return tally.phase(1)


def answers(side: Side, count: int, work: Work = "read") -> list[Seen]:
    return [
        Seen(user, "/api/statements", work, 0.01, 200, SERVICE_SLICE, side) for user in range(count)
    ]


def performed(position: Position, settled: Phase) -> Performed:
    return Performed(
        act=Act(SERVICE_SLICE, "advance", position),
        step=0.1,
        moving=phase(),
        settled=settled,
        pause=12,
        waited=WAITED,
        compared=SliceComparisons(compared=30),
    )


def at(position: Position) -> SliceView:
    return SliceView(
        name=SERVICE_SLICE,
        to="accounts/statements",
        stage=position.stage,
        percent=position.percent,
        since=None,
        next=None,
        move=None,
        hindrance="",
        routes=(),
        tables=(),
        sides={},
        verified=None,
        gates=(),
    )


READING = Position(Stage.READING, 50)
HALF = phase(*answers("monolith", 100), *answers("new", 100), *answers("monolith", 5, "write"))


def witnessed(
    position: Position = READING,
    settled: Phase = HALF,
    books: Books = BOOKS,
    end: Position = READING,
) -> Witnessed:
    return Witnessed(
        acts=[performed(position, settled)],
        phases=[settled],
        books=books,
        ends=[at(end)],
        users=USERS,
        hold=5,
        reckoning=RECKONING,
    )


def by_text(seen: Witnessed) -> dict[str, Claim]:
    return {claim.text: claim for claim in claims(seen)}


def judged(
    position: Position = READING,
    settled: Phase = HALF,
    books: Books = BOOKS,
    end: Position = READING,
) -> dict[str, Claim]:
    return by_text(witnessed(position, settled, books, end))


def broken(found: dict[str, Claim]) -> set[str]:
    return {text for text, claim in found.items() if not claim.held}


def test_a_clean_run_holds_every_claim() -> None:
    assert broken(judged()) == set()


def failing(before: Phase) -> Phase:
    return replace(before, failed=1)


def moved_against(before: Phase) -> Phase:
    traffic = replace(before.slices[SERVICE_SLICE], moved_against=1)
    return replace(before, slices={SERVICE_SLICE: traffic})


@pytest.mark.parametrize(
    ("harm", "claim"),
    [
        (failing, "no request failed"),
        (moved_against, "no user changed side against the direction"),
    ],
)
def test_one_bad_answer_breaks_its_claim(harm: Callable[[Phase], Phase], claim: str) -> None:
    assert broken(judged(settled=harm(HALF))) == {claim}


def test_no_traffic_is_no_proof() -> None:
    assert broken(judged(settled=phase())) == {
        "no request failed",
        "every step divided the traffic as it says",
    }


@pytest.mark.parametrize(
    ("position", "settled"),
    [
        (Position(), phase(*answers("monolith", 100), *answers("new", 1))),
        (Position(Stage.SHADOWING), phase(*answers("monolith", 100), *answers("new", 1))),
        (Position(Stage.READING, 10), phase(*answers("monolith", 50), *answers("new", 50))),
        (Position(Stage.READING, 100), phase(*answers("monolith", 1), *answers("new", 100))),
        (Position(Stage.SWITCHED), phase(*answers("monolith", 1), *answers("new", 100))),
        (
            READING,
            phase(*answers("monolith", 50), *answers("new", 50), *answers("new", 1, "write")),
        ),
        (Position(Stage.SWITCHED), phase(*answers("new", 50), *answers("monolith", 1, "write"))),
    ],
    ids=str,
)
def test_traffic_on_the_wrong_side_breaks_the_claim(position: Position, settled: Phase) -> None:
    found = judged(position, settled, end=position)
    assert broken(found) == {"every step divided the traffic as it says"}


@pytest.mark.parametrize(
    "books",
    [
        replace(BOOKS, found=1049),
        replace(BOOKS, differing=(7,)),
        replace(BOOKS, paid_twice=1),
    ],
    ids=["sum", "customer", "twice"],
)
def test_a_lost_peso_breaks_the_claim(books: Books) -> None:
    assert broken(judged(books=books)) == {"no peso was made or lost"}


def test_a_slice_elsewhere_breaks_the_claim() -> None:
    assert broken(judged(end=Position())) == {"every slice is where its last step led"}


ON_BOTH_SIDES = "every acknowledged payment was on both sides, once"
SAME_CONTENT = "both sides held the same, by content"


@pytest.mark.parametrize(
    ("reckoning", "claim"),
    [
        (replace(RECKONING, at_monolith=8), ON_BOTH_SIDES),
        (replace(RECKONING, at_new=8), ON_BOTH_SIDES),
        (replace(RECKONING, acknowledged=0, at_new=0, at_monolith=0), ON_BOTH_SIDES),
        (replace(RECKONING, conflicts=1), SAME_CONTENT),
        (
            replace(RECKONING, verified=VERIFIED.model_copy(update={"differing": 1})),
            SAME_CONTENT,
        ),
        (replace(RECKONING, verified=VERIFIED.model_copy(update={"rows": 0})), SAME_CONTENT),
    ],
)
def test_a_row_that_is_missing_or_differs_breaks_its_claim(
    reckoning: Reckoning, claim: str
) -> None:
    assert broken(by_text(replace(witnessed(), reckoning=reckoning))) == {claim}


def test_a_payment_that_is_missing_at_last_breaks_the_claim() -> None:
    assert broken(by_text(replace(witnessed(), missing=1))) == {ON_BOTH_SIDES}


def test_a_customer_who_does_not_see_the_own_payment_breaks_the_claim() -> None:
    blind = replace(HALF.slices[SERVICE_SLICE], blind=1)
    settled = replace(HALF, slices={SERVICE_SLICE: blind})
    assert broken(judged(settled=settled)) == {"every customer saw the own payments at once"}


@pytest.mark.parametrize("found", [SliceComparisons(), SliceComparisons(compared=9, mismatched=1)])
def test_answers_that_differ_or_were_not_compared_break_the_claim(found: SliceComparisons) -> None:
    act = replace(performed(READING, HALF), compared=found)
    seen = replace(witnessed(), acts=[act])
    assert broken(by_text(seen)) == {"both sides answered the same"}


@pytest.mark.parametrize(
    "harm",
    [{"waited": Timings()}, {"waited": replace(WAITED, longest=5001)}, {"pause": None}],
    ids=["nobody waited", "too long", "no switch"],
)
def test_a_switch_that_nobody_saw_or_that_took_too_long_breaks_the_claim(
    harm: dict[str, Any],
) -> None:
    act = replace(performed(READING, HALF), **harm)
    seen = replace(witnessed(), acts=[act])
    assert broken(by_text(seen)) == {"no write waited longer than it may at a switch"}


def test_in_a_storm_only_failures_whose_server_was_killed_are_excused() -> None:
    failures = [
        Seen(1, "/api/a", "read", 1, 503, trouble="status 503"),
        Seen(2, "/api/b", "read", 1, 503, trouble="status 503"),
    ]
    both = phase(*failures, *answers("monolith", 5), *answers("new", 5))
    storm = replace(witnessed(settled=both), storm=True)
    lenient = replace(storm, excused=lambda seen: bool(seen.trouble))
    strict = replace(storm, excused=lambda seen: seen.user == 1)
    assert broken(by_text(lenient)) == set()
    text = "no request failed but those whose server was killed"
    assert broken(by_text(strict)) == {text}
    assert by_text(strict)[text].found.startswith("1 of 12")


def test_the_story_goes_there_back_and_there_again() -> None:
    positions = [str(act.position) for act in story() if act.slice == TABLE_SLICE]
    there = ["shadowing", "reading 10%", "reading 50%", "reading 100%", "switched"]
    again = ["reading 100%", "switched", "following", "switched"]
    assert positions == ["copying", "following", *there, *again]
    assert [str(act.position) for act in ending()] == ["retired"]
    there_and_back = [str(act.position) for act in story() if act.slice == SERVICE_SLICE]
    assert there_and_back == [*there, "reading 100%", "monolith", "switched"]
