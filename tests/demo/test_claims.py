"""A demonstration is judged by what its customers saw: any claim can break."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from matapalo.conductor import Position, SliceView, Stage
from matapalo.demo.claims import Claim, claims
from matapalo.demo.customers import Books
from matapalo.demo.performance import Performed
from matapalo.demo.story import SERVICE_SLICE, Act, story
from matapalo.demo.tally import Phase, Seen, Side, Tally, Work

USERS = 200
BOOKS = Books(at_first=1000, brought_in=50, found=1050, differing=())


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
    return Performed(Act(SERVICE_SLICE, "advance", position), 0.1, phase(), settled)


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


def judged(
    position: Position = READING,
    settled: Phase = HALF,
    books: Books = BOOKS,
    end: Position = READING,
) -> dict[str, Claim]:
    acts = [performed(position, settled)]
    return {c.text: c for c in claims(acts, [settled], books, [at(end)], USERS)}


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
    "books", [replace(BOOKS, found=1049), replace(BOOKS, differing=(7,))], ids=["sum", "customer"]
)
def test_a_lost_peso_breaks_the_claim(books: Books) -> None:
    assert broken(judged(books=books)) == {"no peso was made or lost"}


def test_a_slice_elsewhere_breaks_the_claim() -> None:
    assert broken(judged(end=Position())) == {"every slice is where its last step led"}


def test_the_story_goes_there_back_and_there_again() -> None:
    positions = [str(act.position) for act in story() if act.slice == SERVICE_SLICE]
    there = ["shadowing", "reading 10%", "reading 50%", "reading 100%", "switched"]
    back = ["reading 100%", "reading 50%", "reading 10%", "shadowing", "monolith"]
    assert positions == [*there, *back, *there]
