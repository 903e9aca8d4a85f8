"""What the conductor keeps of comparisons: windows over processes that come, go, and begin anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.compare import Comparisons, Difference, Example, SliceComparisons
from matapalo.conductor.comparisons import Differences
from matapalo.errors import UnknownSlice


def example(number: int) -> Example:
    return Example(asked=f"GET /{number}", place="$.a", monolith="number", new="text(1)")


def difference(count: int) -> Difference:
    newest = range(count, max(0, count - 3), -1)
    return Difference(
        route="GET /a", kind="type", path="$.a", count=count, examples=tuple(map(example, newest))
    )


def word(compared: int, mismatched: int = 0, epoch: str = "e") -> Comparisons:
    found = SliceComparisons(
        compared=compared,
        mismatched=mismatched,
        differences=(difference(mismatched),) if mismatched else (),
        skipped={"behind": compared},
    )
    return Comparisons(epoch=epoch, slices={"s": found, "unknown": found})


def heard(*words: Comparisons) -> Differences:
    differences = Differences(["s", "t"])
    for one in words:
        differences.hear(one)
    return differences


def compared(differences: Differences) -> tuple[int, int]:
    counts = differences.counts("s")
    return counts.compared, counts.mismatched


def test_only_what_came_since_the_stage_began_counts() -> None:
    differences = heard(word(500, 7), word(600, 8))
    differences.begin("s")
    assert compared(differences) == (0, 0)
    differences.hear(word(610, 8))
    assert compared(differences) == (0, 0)
    differences.hear(word(630, 10))
    assert compared(differences) == (20, 2)
    found = differences.of("s")
    assert found.skipped == {"behind": 20}
    assert [(one.count, len(one.examples)) for one in found.differences] == [(2, 2)]
    assert [one.asked for one in found.differences[0].examples] == ["GET /10", "GET /9"]


def test_a_difference_of_an_earlier_stage_is_not_shown() -> None:
    differences = heard(word(0), word(100, 5))
    differences.begin("s")
    differences.hear(word(100, 5))
    differences.hear(word(200, 5))
    assert differences.of("s").differences == ()


def test_what_a_process_that_is_over_has_found_stays() -> None:
    differences = heard(word(0), word(10, 1), word(0, epoch="f"), word(5, 2, epoch="f"))
    assert compared(differences) == (15, 3)
    assert [one.count for one in differences.of("s").differences] == [3]


def test_several_processes_are_added_up() -> None:
    differences = heard(word(0), word(0, epoch="f"), word(10), word(20, epoch="f"), word(11))
    assert compared(differences) == (31, 0)


def test_many_processes_are_held_in_little_room_and_all_counted() -> None:
    words = [one for n in range(100) for one in (word(0, epoch=str(n)), word(3, 1, epoch=str(n)))]
    assert compared(heard(*words)) == (300, 100)


def test_slices_that_are_unknown_here_are_left_out() -> None:
    differences = heard(word(1))
    with pytest.raises(UnknownSlice, match="no slice 'unknown'"):
        differences.of("unknown")
    assert differences.of("t") == SliceComparisons()


def test_it_is_told_how_long_ago_a_comparison_was_heard() -> None:
    now = [100.0]
    differences = Differences(["s"], lambda: now[0])
    assert differences.view("s").heard is None
    differences.hear(Comparisons(epoch="e"))
    now[0] += 7
    assert differences.view("s").heard == 7


steps = st.lists(
    st.tuples(st.sampled_from("efg"), st.integers(0, 9), st.integers(0, 9), st.booleans()),
    max_size=40,
)


@given(steps)
def test_a_stage_never_holds_more_than_the_truth(drawn: list[tuple[str, int, int, bool]]) -> None:
    """Whatever words come, begin or are lost: no comparison from before the stage is in it."""
    differences, truth = Differences(["s"]), [0, 0]
    counts: dict[str, tuple[int, int]] = {}
    for epoch, equal, different, begins in drawn:
        before = counts.get(epoch, (0, 0))
        counts[epoch] = (before[0] + equal + different, before[1] + different)
        truth = [truth[0] + equal + different, truth[1] + different]
        if begins:
            differences.begin("s")
            truth = [0, 0]
        else:
            differences.hear(word(*counts[epoch], epoch=epoch))
        said = compared(differences)
        assert 0 <= said[0] <= truth[0]
        assert 0 <= said[1] <= truth[1]
