"""The way of a slice, as a state machine without anything around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.blueprint import Route, Slice, Table
from matapalo.conductor.stages import START, Position, Stage, split_of
from matapalo.conductor.way import Way, following, goal, previous, towards, way
from matapalo.edge.split import Split
from matapalo.errors import MoveRefused

shares = st.floats(min_value=0.01, max_value=100)
slices = st.builds(
    Slice,
    to=st.just("accounts/statements"),
    routes=st.sampled_from([(), (Route(path="/a"),), (Route(path="/a", methods=("POST",)),)]),
    tables=st.sampled_from([(), (Table(name="payments"),)]),
    shadow=st.sampled_from([0.0, 25.0, 100.0]),
    steps=st.lists(shares, max_size=4).map(tuple),
)


def positions(piece: Slice) -> st.SearchStrategy[Position]:
    on_the_way = st.sampled_from(way(piece))
    return on_the_way | shares.map(lambda share: Position(Stage.READING, share))


def names(along: Way) -> str:
    return " ".join(str(position) for position in along)


def piece(*routes: str, tables: tuple[str, ...] = (), **more: object) -> Slice:
    return Slice.model_validate({"to": "a/b", "routes": routes, "tables": tables, **more})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (piece("/a"), "monolith shadowing reading 10% reading 50% reading 100% switched retired"),
        (piece("/a", shadow=0, steps=[5]), "monolith reading 5% switched retired"),
        (piece("/a", steps=[]), "monolith shadowing switched retired"),
        (piece("POST /a"), "monolith switched retired"),
        (piece("GET,POST /a", steps=[100]), "monolith shadowing reading 100% switched retired"),
        (piece(tables=("t",)), "monolith copying following switched retired"),
        (
            piece("/a", tables=("t",), steps=[1]),
            "monolith copying following shadowing reading 1% switched retired",
        ),
    ],
)
def test_a_slice_skips_the_stages_that_would_change_nothing(given: Slice, expected: str) -> None:
    assert names(way(given)) == expected


@given(slices)
def test_every_way_rises_from_the_monolith_to_retired(given: Slice) -> None:
    along = way(given)
    assert list(along) == sorted(set(along))
    assert along[0] == START
    assert [position.stage for position in along[-2:]] == [Stage.SWITCHED, Stage.RETIRED]


@given(slices, st.data())
def test_back_undoes_forward_and_forward_undoes_back(given: Slice, data: st.DataObject) -> None:
    along = way(given)
    here = data.draw(st.sampled_from(along))
    if here != along[-1]:
        assert previous(following(here, along), along) == here
    if here != along[0]:
        assert following(previous(here, along), along) == here


@given(slices, st.data())
def test_going_on_ends_at_retired_and_going_back_at_the_monolith(
    given: Slice, data: st.DataObject
) -> None:
    along = way(given)
    here = data.draw(positions(given))
    up = down = here
    for _ in along:
        up = following(up, along) if up < along[-1] else up
        down = previous(down, along) if down > along[0] else down
    assert (up, down) == (along[-1], along[0])


@given(slices, st.data())
def test_a_walk_arrives_without_turning_round(given: Slice, data: st.DataObject) -> None:
    along = way(given)
    here, there = data.draw(positions(given)), data.draw(positions(given))
    path = (here, *towards(here, there, along))
    assert path[-1] == there
    assert list(path) == sorted(set(path), reverse=there < here)


@given(slices, st.data())
def test_a_walk_passes_every_stage_between(given: Slice, data: st.DataObject) -> None:
    along = way(given)
    here, there = data.draw(positions(given)), data.draw(positions(given))
    between = {p.stage for p in along if min(here, there) < p < max(here, there)}
    passed = {position.stage for position in (here, *towards(here, there, along))}
    assert between - {here.stage, there.stage} <= passed


@given(slices, st.data())
def test_further_on_the_way_no_share_of_the_new_side_is_smaller(
    given: Slice, data: st.DataObject
) -> None:
    low, high = sorted([data.draw(positions(given)), data.draw(positions(given))])
    before, after = split_of(low, given), split_of(high, given)
    assert before.reads_new <= after.reads_new
    assert before.writes_new <= after.writes_new


@given(slices, st.data())
def test_one_side_owns_the_writes_and_only_from_switched_on_the_new_one(
    given: Slice, data: st.DataObject
) -> None:
    here = data.draw(positions(given))
    split = split_of(here, given)
    assert split.writes_new == here.new_owns == (here >= Position(Stage.SWITCHED))
    assert not split.writes_new or split == Split(reads_new=100, writes_new=True)


AT = piece("/a")
SHADOWING, TEN, LAST = (
    Position(Stage.SHADOWING),
    Position(Stage.READING, 10),
    Position(Stage.RETIRED),
)


@pytest.mark.parametrize(
    ("here", "to", "percent", "expected"),
    [
        (START, None, None, "shadowing"),
        (START, "switched", None, "switched"),
        (START, "reading", None, "reading 10%"),
        (SHADOWING, None, 37, "reading 37%"),
        (Position(Stage.READING, 37), None, None, "reading 50%"),
        (Position(Stage.READING, 37), "reading", None, "reading 37%"),
        (START, "reading", 0.5, "reading 0.5%"),
    ],
)
def test_a_target_is_the_next_position_a_stage_or_a_share(
    here: Position, to: str | None, percent: float | None, expected: str
) -> None:
    assert str(goal(here, way(AT), to=to, percent=percent, forward=True)) == expected


@pytest.mark.parametrize(
    ("here", "to", "percent", "said"),
    [
        (START, "swiched", None, "monolith, shadowing, reading, switched, retired"),
        (START, "copying", None, "does not pass the stage copying"),
        (START, "switched", 10, "takes no share"),
        (START, None, 0, "0 is no share"),
        (START, None, 100.1, "at most 100"),
        (START, None, float("nan"), "nan is no share"),
        (START, None, -5, "-5 is no share"),
        (LAST, None, None, "last stage"),
    ],
)
def test_what_is_no_place_of_the_slice_is_refused(
    here: Position, to: str | None, percent: float | None, said: str
) -> None:
    with pytest.raises(MoveRefused) as refused:
        goal(here, way(AT), to=to, percent=percent, forward=True)
    assert said in str(refused.value)


def test_a_slice_that_reads_nothing_takes_no_share() -> None:
    with pytest.raises(MoveRefused, match="does not pass the stage reading"):
        goal(START, way(piece("POST /a")), to=None, percent=10, forward=True)


def test_a_share_that_is_named_is_reached_straight_once_the_stage_before_is_passed() -> None:
    eighty = Position(Stage.READING, 80)
    assert names(towards(START, eighty, way(AT))) == "shadowing reading 80%"
    assert names(towards(TEN, eighty, way(AT))) == "reading 80%"
    assert names(towards(eighty, TEN, way(AT))) == "reading 10%"
    assert names(towards(TEN, Position(Stage.SWITCHED), way(AT))) == (
        "reading 50% reading 100% switched"
    )
