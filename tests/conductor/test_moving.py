"""Slices moved by a real conductor, over its real API, with a real ledger."""

import asyncio
from functools import partial
from typing import Any

import pytest

from matapalo.conductor import Acted, Arrived, Event, Planned
from matapalo.edge.split import Split
from matapalo.errors import (
    ConductorBusy,
    ConfigRejected,
    EdgeSilent,
    GatesNotPassed,
    MoveRefused,
    UnknownSlice,
)
from tests.conductor.edge import FakeEdge, meter
from tests.conductor.place import Place
from tests.support import eventually

FORCED: dict[str, Any] = {"force": True, "why": "a test"}


def places(events: list[Event]) -> list[str]:
    return [str(event.position) for event in events if isinstance(event, Arrived)]


async def test_a_slice_goes_all_the_way_and_back(conducted: Place) -> None:
    async with conducted.edge() as edge:
        for expected in ("shadowing", "reading 10%", "reading 50%", "reading 100%", "switched"):
            await conducted.gates_pass(edge)
            assert places(await conducted.move("advance")) == [expected]
        assert edge.split("statements") == Split(reads_new=100, writes_new=True)
        for expected in ("reading 100%", "reading 50%", "reading 10%", "shadowing", "monolith"):
            assert places(await conducted.move("back")) == [expected]
        assert edge.split("statements") == Split()
        versions = [wanted.version for wanted in edge.history]
        assert versions == sorted(set(versions))


async def test_to_walks_through_every_stage_and_judges_at_each(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        with pytest.raises(GatesNotPassed, match="requests unclear"):
            await conducted.move("advance", to="switched")
        assert (await conducted.slice()).stage == "shadowing"
        serving = asyncio.create_task(serve_well(edge))
        moved = places(await conducted.move("advance", to="switched", wait=60))
        serving.cancel()
        assert moved == ["reading 10%", "reading 50%", "reading 100%", "switched"]
        moved = places(await conducted.move("back", to="monolith"))
        assert moved == ["reading 100%", "reading 50%", "reading 10%", "shadowing", "monolith"]


async def serve_well(edge: FakeEdge) -> None:
    while True:
        for side in ("monolith", "new", "shadow"):
            edge.serve("statements", side, meter(10))
        await asyncio.sleep(0.05)


async def test_retired_goes_back_to_switched(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.move("advance", to="retired", **FORCED)
        assert (await conducted.slice()).next is None
        with pytest.raises(MoveRefused, match="last stage"):
            await conducted.move("advance", **FORCED)
        assert places(await conducted.move("back")) == ["switched"]
        assert edge.split("statements").writes_new


async def test_any_share_will_do(conducted: Place) -> None:
    async with conducted.edge() as edge:
        assert places(await conducted.move("advance", percent=37, **FORCED)) == [
            "shadowing",
            "reading 37%",
        ]
        assert edge.split("statements") == Split(reads_new=37)
        assert places(await conducted.move("advance", **FORCED)) == ["reading 50%"]
        assert places(await conducted.move("back", percent=2.5)) == ["reading 2.5%"]
        assert places(await conducted.move("back")) == ["shadowing"]


async def test_who_is_there_already_moves_nothing(conducted: Place) -> None:
    async with conducted.edge():
        await conducted.move("advance", **FORCED)
        before = await conducted.entries()
        assert await conducted.move("advance", to="shadowing") == []
        assert await conducted.entries() == before


async def test_a_gate_that_is_unclear_says_what_is_missing(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        edge.serve("statements", "shadow", meter(12))
        await eventually(lambda: shown(conducted, "requests", "12 of 20 requests"))
        with pytest.raises(GatesNotPassed, match=r"requests unclear \(12 of 20 requests\)"):
            await conducted.move("advance")


async def shown(conducted: Place, gate: str, why: str) -> bool:
    return any(v.name == gate and v.why == why for v in (await conducted.slice()).gates)


async def test_a_gate_that_fails_ends_the_waiting(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        edge.serve("statements", "shadow", meter(100, errors=50))
        edge.serve("statements", "monolith", meter(100))
        with pytest.raises(GatesNotPassed, match=r"error_rate failed \(50.00% errors"):
            await conducted.move("advance", wait=600)


async def test_a_new_side_that_is_ill_gets_no_traffic(conducted: Place) -> None:
    conducted.healthy = False
    async with conducted.edge() as edge:
        await eventually(lambda: shown(conducted, "edges", "1 of 1 live"))
        with pytest.raises(GatesNotPassed, match="answers failed"):
            await conducted.move("advance")
        assert edge.split("statements") == Split()


async def test_overriding_gates_needs_a_reason_and_keeps_what_was_overridden(
    conducted: Place,
) -> None:
    async with conducted.edge():
        with pytest.raises(MoveRefused, match="needs a reason"):
            await conducted.move("advance", force=True, why=" ")
        assert await conducted.entries() == ()
        await conducted.move("advance", force=True, why="the shop is closed")
        await conducted.move("advance", force=True, why="the shop is closed")
        begun = [entry for entry in await conducted.entries() if entry.kind == "move"][2]
        assert (begun.who, begun.why, begun.facts.forced) == ("ana", "the shop is closed", True)
        overridden = {v.name: v.outcome.value for v in begun.facts.verdicts}
        assert overridden["requests"] == "inconclusive"


async def test_without_an_edge_nothing_is_begun(conducted: Place) -> None:
    with pytest.raises(EdgeSilent, match="no edge is heard from"):
        await conducted.move("advance", **FORCED)
    assert await conducted.entries() == ()


async def test_an_edge_that_refuses_ends_the_step_and_the_former_split_stays(
    conducted: Place,
) -> None:
    async with conducted.edge("edge-1") as one, conducted.edge("edge-2") as two:
        await conducted.gates_pass(one)
        await conducted.move("advance")
        two.refuses = "unknown cluster slice.statements.new"
        with pytest.raises(ConfigRejected, match=r"edge-2: .*unknown cluster") as refused:
            await conducted.move("advance", **FORCED)
        assert "as they were" in refused.value.hint
        seen = await conducted.slice()
        assert (seen.stage, seen.move) == ("shadowing", None)
        for edge in (one, two):
            await eventually(partial(copies_all, edge))
        assert (await conducted.entries())[-1].facts.trouble


def copies_all(edge: FakeEdge) -> bool:
    return edge.split("statements") == Split(mirror=100)


async def test_a_step_waits_for_every_edge(conducted: Place) -> None:
    async with conducted.edge("edge-1") as one, conducted.edge("edge-2") as two:
        await conducted.gates_pass(one)
        two.stuck = True
        moving = asyncio.create_task(conducted.move("advance"))
        await eventually(lambda: one.split("statements").mirror)
        with pytest.raises(ConductorBusy, match="on its way from monolith to shadowing, for ana"):
            await conducted.move("advance")
        assert not moving.done()
        two.stuck = False
        assert places(await moving) == ["shadowing"]
        assert two.split("statements") == one.split("statements")


async def test_back_takes_the_place_of_a_step_that_waits_for_an_edge(conducted: Place) -> None:
    async with conducted.edge("edge-1") as one, conducted.edge("edge-2") as two:
        await conducted.gates_pass(one)
        two.stuck = True
        moving = asyncio.create_task(conducted.move("advance"))
        await eventually(lambda: one.split("statements").mirror)
        back = asyncio.create_task(conducted.move("back"))
        with pytest.raises(ConductorBusy, match="ana takes it back"):
            await moving
        await eventually(lambda: one.split("statements") == Split())
        two.stuck = False
        assert places(await back) == ["monolith"]
        assert (await conducted.slice()).move is None


async def test_back_takes_the_place_of_a_move_that_waits_for_gates(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        waiting = asyncio.create_task(conducted.move("advance", wait=600))
        await eventually(lambda: busy(conducted))
        assert places(await conducted.move("back")) == ["monolith"]
        with pytest.raises(ConductorBusy, match="ana takes it back"):
            await waiting


async def busy(conducted: Place) -> bool:
    try:
        await conducted.move("advance", dry_run=True)
        await conducted.move("advance")
    except ConductorBusy:
        return True
    except GatesNotPassed:
        return False
    return False


async def test_two_slices_move_at_the_same_time(conducted: Place) -> None:
    async with conducted.edge() as edge:
        for name in ("statements", "receipts"):
            await conducted.gates_pass(edge, name)
        await asyncio.gather(
            conducted.move("advance", "statements"), conducted.move("advance", "receipts")
        )
        assert edge.split("statements") == edge.split("receipts") == Split(mirror=100)


async def test_a_slice_with_tables_is_shown_and_refused(conducted: Place) -> None:
    async with conducted.edge():
        with pytest.raises(MoveRefused, match="told of no databases"):
            await conducted.move("advance", "payments", **FORCED)
        seen = await conducted.slice("payments")
        assert seen.tables == ("payments",)
        assert "databases" in seen.hindrance
        assert await conducted.entries() == ()


async def test_an_unknown_slice_is_refused_with_the_nearest_name(conducted: Place) -> None:
    with pytest.raises(UnknownSlice, match="did you mean `statements`"):
        await conducted.move("advance", "statments")


@pytest.mark.parametrize(
    ("verb", "wish", "said"),
    [
        ("advance", {"percent": 0}, "no share"),
        ("advance", {"percent": 101}, "no share"),
        ("advance", {"to": "swiched"}, "monolith, shadowing, reading, switched, retired"),
        ("advance", {"to": "monolith"}, ""),
        ("back", {"to": "switched"}, "only at monolith"),
        ("back", {}, "first stage"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    conducted: Place, verb: str, wish: dict[str, Any], said: str
) -> None:
    async with conducted.edge():
        if said:
            with pytest.raises(MoveRefused) as refused:
                await conducted.move(verb, **wish)
            assert said in str(refused.value)
        else:
            assert await conducted.move(verb, **wish) == []
        assert await conducted.entries() == ()


async def test_a_dry_run_tells_the_plan_that_the_run_executes(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        plans = await conducted.move("advance", to="switched", dry_run=True)
        assert [f"{p.start} → {p.goal}" for p in plans if isinstance(p, Planned)] == [
            "monolith → shadowing",
            "shadowing → reading 10%",
            "reading 10% → reading 50%",
            "reading 50% → reading 100%",
            "reading 100% → switched",
        ]
        assert [p.weighty for p in plans if isinstance(p, Planned)] == [False] * 4 + [True]
        assert await conducted.entries() == ()
        ran = await conducted.move("advance")
        told = [event.text for event in ran if isinstance(event, Acted)]
        assert isinstance(plans[0], Planned)
        assert told == list(plans[0].actions)
        written = [e.text for e in await conducted.entries() if e.kind == "action"]
        assert written == [text for text in told for _ in ("begun", "done")]
