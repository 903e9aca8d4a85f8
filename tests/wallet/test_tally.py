"""What customers saw is counted right: shares, times, and changes against the direction."""

import math
from dataclasses import replace
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from matapalo.demo.tally import Direction, Seen, Side, Tally, percentile

SLICES = ("statements", "limits")
sides = st.sampled_from(get_args(Side))
seen = st.builds(
    Seen,
    user=st.integers(1, 3),
    path=st.just("/"),
    work=st.sampled_from(("read", "write")),
    seconds=st.floats(0, 10, width=32),
    status=st.just(200),
    slice=st.sampled_from((*SLICES, None)),
    side=sides,
    trouble=st.sampled_from(("", "", "status 500")),
)


def read(user: int, side: Side) -> Seen:
    return Seen(user, "/api/statements", "read", 0.01, 200, "statements", side)


@given(all_seen=st.lists(seen))
def test_every_request_counts_once(all_seen: list[Seen]) -> None:
    tally = Tally("one", 0, SLICES)
    for one in all_seen:
        tally.count(one)
    phase = tally.phase(2)
    assert phase.requests == len(all_seen)
    assert phase.failed == sum(bool(one.trouble) for one in all_seen)
    assert phase.seconds == 2
    for name, traffic in phase.slices.items():
        for work, timings in (("read", traffic.reads), ("write", traffic.writes)):
            for side, times in timings.items():
                assert times.requests == sum(
                    (one.slice, one.work, one.side, one.trouble) == (name, work, side, "")
                    for one in all_seen
                )


@given(new=st.integers(0, 50), monolith=st.integers(0, 50))
def test_the_share_of_the_new_side_is_of_the_reads_and_none_without_any(
    new: int, monolith: int
) -> None:
    tally = Tally("one", 0, SLICES)
    for user in range(new):
        tally.count(read(user, "new"))
    for user in range(monolith):
        tally.count(read(-1 - user, "monolith"))
    tally.count(Seen(1, "/", "write", 0.01, 202, "statements", "new"))
    share = tally.phase(1).slices["statements"].share_new
    assert share == (new / (new + monolith) if new + monolith else None)


@given(
    phases=st.lists(
        st.tuples(
            st.sampled_from(get_args(Direction)),
            st.lists(st.tuples(st.integers(1, 3), sides), max_size=20),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_change_of_side_against_the_direction_is_counted_user_by_user(
    phases: list[tuple[Direction, list[tuple[int, Side]]]],
) -> None:
    tally, last, before = Tally("first", 0, SLICES), dict[int, Side](), "up"
    for direction, steps in phases:
        tally = tally.next("next", 0, {"statements": direction})
        against = 0
        if direction != before:
            last, before = {}, direction  # nobody knows where they were at the turn
        for user, side in steps:
            tally.count(read(user, side))
            moved = (last.get(user, side), side)
            against += moved == (("new", "monolith") if direction == "up" else ("monolith", "new"))
            last[user] = side
        traffic = tally.phase(1).slices
        assert traffic["statements"].moved_against == against
        assert traffic["limits"].moved_against == 0


def test_an_answer_that_comes_after_a_mark_is_remembered_in_the_next_phase() -> None:
    one = Tally("one", 0, SLICES)
    two = one.next("two", 1, {})
    one.count(read(1, "new"))
    two.count(read(1, "monolith"))
    assert two.phase(2).slices["statements"].moved_against == 1


def test_reads_and_writes_have_sides_of_their_own() -> None:
    tally = Tally("one", 0, SLICES)
    tally.count(read(1, "new"))
    tally.count(Seen(1, "/api/statements", "write", 0.01, 202, "statements", "monolith"))
    tally.count(read(1, "new"))
    assert tally.phase(1).slices["statements"].moved_against == 0


def test_a_read_after_an_own_write_says_nothing_of_sides_and_may_have_been_kept_back() -> None:
    tally = Tally("one", 0, SLICES)
    answers: list[tuple[Side, bool]] = [
        ("monolith", True),
        ("new", False),
        ("monolith", True),
        ("new", True),
    ]
    for side, fresh in answers:
        tally.count(replace(read(1, side), fresh=fresh))
    traffic = tally.phase(1).slices["statements"]
    assert traffic.kept_back == 1  # only who reads from the new side can be kept back
    assert (traffic.moved_against, traffic.share_new) == (0, 1)


def test_whoever_misses_an_own_write_is_counted() -> None:
    tally = Tally("one", 0, SLICES)
    for blind in (True, False, True):
        tally.count(replace(read(1, "new"), blind=blind, fresh=blind))
    slices = tally.phase(1).slices
    assert (slices["statements"].blind, slices["limits"].blind) == (2, 0)


def test_a_failed_request_has_no_side_and_no_time() -> None:
    tally = Tally("one", 0, SLICES)
    tally.count(read(1, "new"))
    tally.count(Seen(1, "/api/statements", "read", 9, 503, "statements", "monolith", "status 503"))
    traffic = tally.phase(1).slices["statements"]
    assert traffic.moved_against == 0
    assert traffic.share_new == 1
    assert [failure.status for failure in tally.phase(1).failures] == [503]


@given(
    values=st.lists(st.floats(0, 1e6), min_size=1, max_size=200),
    share=st.floats(0.01, 1, exclude_min=True),
)
def test_a_percentile_is_the_least_value_that_the_share_does_not_exceed(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    enough = math.ceil(share * len(ordered))
    assert sum(value <= found for value in ordered) >= enough
    assert sum(value < found for value in ordered) < enough


def test_nothing_seen_has_no_percentile() -> None:
    assert percentile([], 0.5) is None
