"""Counting differences, and windows over the counts."""

from hypothesis import given
from hypothesis import strategies as st

from matapalo.compare import Example, SliceComparisons
from matapalo.compare.report import EXAMPLES, GROUPS
from matapalo.compare.tally import Group, Tally


def example(number: int = 0) -> Example:
    return Example(asked=f"GET /{number}", place="$", monolith="text(1)", new="text(2)")


def group(number: int) -> Group:
    return ("GET /a", "value", f"$.k{number}")


def tallied(*answers: list[int]) -> Tally:
    tally = Tally()
    for number, answer in enumerate(answers):
        tally.count((group(one), example(number)) for one in answer)
    return tally


def test_an_answer_counts_once_in_each_of_its_groups() -> None:
    said = tallied([], [1, 1, 1, 2], [1]).report()
    assert (said.compared, said.mismatched) == (3, 2)
    assert [(one.path, one.count) for one in said.differences] == [("$.k1", 2), ("$.k2", 1)]


def test_the_newest_examples_are_kept_and_come_first() -> None:
    said = tallied(*[[1]] * 5).report().differences[0]
    assert [one.asked for one in said.examples] == ["GET /4", "GET /3", "GET /2"]


def test_groups_are_bounded_and_what_is_wrong_now_is_among_them() -> None:
    said = tallied(*([number] for number in range(200)), [0]).report()
    assert len(said.differences) == GROUPS
    assert {"$.k199", "$.k0"} <= {one.path for one in said.differences}
    assert sum(one.count for one in said.differences) + said.further == said.mismatched == 201


def test_skips_are_counted_by_reason() -> None:
    tally = Tally()
    for why in ("behind", "monolith", "behind"):
        tally.skip(why)
    assert tally.report() == SliceComparisons(skipped={"behind": 2, "monolith": 1})


answers = st.lists(st.lists(st.integers(0, 5), max_size=3), max_size=12)


@given(answers, answers)
def test_what_came_later_is_what_a_new_count_would_say(
    before: list[list[int]], after: list[list[int]]
) -> None:
    began, whole, alone = tallied(*before).report(), tallied(*before, *after), tallied(*after)
    window, expected = whole.report().minus(began), alone.report()
    assert window.model_copy(update={"differences": ()}) == expected.model_copy(
        update={"differences": ()}
    )
    counts = [
        [(one.key, one.count, len(one.examples)) for one in said.differences]
        for said in (window, expected)
    ]
    assert counts[0] == counts[1]


@given(answers, answers)
def test_two_processes_together_say_what_one_would(
    one: list[list[int]], other: list[list[int]]
) -> None:
    together, single = (
        tallied(*one).report().plus(tallied(*other).report()),
        tallied(*one, *other).report(),
    )
    assert (together.compared, together.mismatched) == (single.compared, single.mismatched)
    assert [(d.key, d.count) for d in together.differences] == [
        (d.key, d.count) for d in single.differences
    ]
    assert all(len(d.examples) <= EXAMPLES for d in together.differences)


def test_what_two_processes_found_is_bounded_too() -> None:
    one = tallied(*([number] for number in range(40))).report()
    other = tallied(*([number] for number in range(40, 80))).report()
    together = one.plus(other)
    assert len(together.differences) == GROUPS
    assert together.further == 30
