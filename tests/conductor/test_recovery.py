"""Real conductors and real databases, killed at every point of a step."""

import asyncio
import signal
from pathlib import Path

import psycopg
import pytest

from matapalo.console import Seat, connect
from matapalo.edge.split import Split
from matapalo.errors import (
    ConductorBusy,
    ConductorError,
    ConductorSilent,
    EdgeSilent,
    LedgerSilent,
    NotLeading,
)
from tests.conductor.place import TOKEN, Place, place
from tests.conductor.server import server
from tests.support import eventually

ROWS = 6
"""The entries of one step: the move begun, two actions begun and done, the move done."""
GATE = 4711
"""The advisory lock that holds an entry up."""

HOLD_UP = f"""
CREATE FUNCTION matapalo.hold_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM matapalo.ledger) = %s THEN
        PERFORM pg_advisory_xact_lock_shared({GATE});
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_up BEFORE INSERT ON matapalo.ledger
    FOR EACH ROW EXECUTE FUNCTION matapalo.hold_up();
"""
WAITING = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted"


async def held_up(admin: psycopg.Connection[tuple[int]], row: int) -> None:
    """Hold the ledger's entry number `row` up: the conductor stands still before it."""
    admin.execute("SELECT pg_advisory_lock(%s)", [GATE])
    admin.execute(HOLD_UP % row)


def waits(admin: psycopg.Connection[tuple[int]]) -> int | None:
    found = admin.execute(WAITING).fetchone()
    return found[0] if found else None


@pytest.mark.parametrize("kept", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("row", range(ROWS))
async def test_a_conductor_killed_at_any_write_of_a_step_is_recovered_by_starting_it_again(
    conducted: Place, row: int, kept: bool
) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        with psycopg.connect(conducted.ledger_url, autocommit=True) as admin:
            await held_up(admin, row)
            moving = asyncio.create_task(conducted.move("advance"))
            backend = await eventually(lambda: waits(admin))
            await conducted.kill()
            if not kept:
                admin.execute("SELECT pg_terminate_backend(%s)", [backend])
            admin.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        with pytest.raises(ConductorSilent):
            await moving
        await conducted.start()
        await conducted.leads()
        begun = row > 0 or kept
        await eventually(lambda: settled(conducted, "shadowing" if begun else "monolith"))
        assert edge.split("statements") == (Split(mirror=100) if begun else Split())
        done = [e for e in await conducted.entries() if e.kind == "move" and e.state == "done"]
        assert len(done) == (1 if begun else 0)


async def settled(conducted: Place, stage: str) -> bool:
    seen = await conducted.slice()
    return seen.stage == stage and seen.move is None


async def test_meters_and_gates_go_on_where_they_were_after_a_crash(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        await conducted.gates_pass(edge)
        before = (await conducted.slice()).sides["shadow"].requests
        await conducted.kill()
        edge.serve_well("statements")
        await conducted.start()
        await conducted.leads()
        await eventually(lambda: counted(conducted, before + 200))


async def counted(conducted: Place, requests: int) -> bool:
    sides = (await conducted.slice()).sides
    return "shadow" in sides and sides["shadow"].requests == requests


async def test_a_dead_conductor_changes_nothing_for_an_edge(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        await conducted.kill()
        assert edge.split("statements") == Split(mirror=100)
        await conducted.start()
        await conducted.leads()
        assert (await conducted.slice()).stage == "shadowing"
        assert edge.split("statements") == Split(mirror=100)
        assert len(edge.history) == 1


async def test_a_conductor_that_has_just_begun_waits_for_edges_that_it_has_not_met(
    conducted: Place,
) -> None:
    async with conducted.edge("edge-1") as one, conducted.edge("edge-2") as two:
        await conducted.gates_pass(one)
        await eventually(lambda: both(conducted))
        await conducted.move("advance")
        await conducted.stop()
        two.silent = True
        await conducted.start()
        await conducted.leads()
        moving = asyncio.create_task(conducted.move("back"))
        await eventually(lambda: one.split("statements") == Split())
        assert not moving.done()
        two.silent = False
        await moving
        assert two.split("statements") == Split()


async def both(conducted: Place) -> bool:
    return [edge["live"] for edge in await conducted.edges()] == [True, True]


async def test_an_edge_silent_in_the_middle_of_a_step_is_named_and_the_step_goes_on_when_it_is_back(
    conducted: Place,
) -> None:
    async with conducted.edge("edge-1") as one, conducted.edge("edge-2") as two:
        await conducted.gates_pass(one)
        await eventually(lambda: both(conducted))
        await conducted.stop()
        conducted.patience = 1
        await conducted.start()
        await conducted.leads()
        await eventually(lambda: both(conducted))
        two.stuck = True
        with pytest.raises(EdgeSilent, match="edge-2") as silent:
            await conducted.move("advance", force=True, why="a test")
        assert "goes on by itself" in silent.value.hint
        seen = await conducted.slice()
        assert seen.move
        assert "edge-2" in seen.move.trouble
        two.stuck = False
        await eventually(lambda: settled(conducted, "shadowing"))


async def test_sigterm_lets_a_step_end(conducted: Place) -> None:
    async with conducted.edge("edge-1") as edge:
        await conducted.gates_pass(edge)
        with psycopg.connect(conducted.ledger_url, autocommit=True) as admin:
            await held_up(admin, 3)
            moving = asyncio.create_task(conducted.move("advance"))
            await eventually(lambda: waits(admin))
            ending = asyncio.create_task(conducted.stop())
            await asyncio.sleep(0.1)
            admin.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        assert await ending == 0
        assert str(getattr((await moving)[-1], "position", "")) == "shadowing"


@pytest.mark.parametrize("row", range(1, ROWS))
async def test_back_takes_the_place_of_a_move_that_is_being_written(
    conducted: Place, row: int
) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        with psycopg.connect(conducted.ledger_url, autocommit=True) as admin:
            await held_up(admin, row)
            moving = asyncio.create_task(
                conducted.move("advance", to="switched", force=True, why="a test")
            )
            await eventually(lambda: waits(admin))
            back = asyncio.create_task(conducted.move("back", to="monolith"))
            done, _ = await asyncio.wait([back], timeout=0.3)
            assert not done, "it was refused, or went on beside the other move"
            admin.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        with pytest.raises(ConductorBusy, match="ana takes it back"):
            await moving
        await back
        assert await settled(conducted, "monolith")
        assert edge.split("statements") == Split()


async def test_a_second_conductor_stands_by_and_takes_over(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        second = Place(conducted.folder, conducted.ledger_url)
        await second.start()
        try:
            await eventually(lambda: refused(second))
            assert conducted.process
            with pytest.raises(NotLeading, match=f"matapalo conductor {conducted.process.pid} on"):
                await second.move("back")
            await conducted.kill()
            await second.leads()
            edge.url = second.url
            async with second.edge("edge-1") as moved:
                moved.obeyed = edge.obeyed
                assert (await second.slice()).stage == "shadowing"
                await second.move("back")
                assert moved.split("statements") == Split()
        finally:
            await second.kill()


async def refused(one: Place) -> bool:
    try:
        await one.slice()
    except NotLeading:
        return True
    except ConductorError:
        return False
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "restarted"])
async def test_a_database_that_goes_away_in_the_middle_of_a_step_loses_nothing(
    tmp_path: Path, how: signal.Signals
) -> None:
    with server() as database:
        await database.start()
        async with place(tmp_path, database.database()) as conducted:
            await conducted.start()
            await conducted.leads()
            async with conducted.edge("edge-1") as one, conducted.edge("edge-2") as two:
                await conducted.gates_pass(one)
                await eventually(lambda: both(conducted))
                two.stuck = True
                moving = asyncio.create_task(conducted.move("advance"))
                await eventually(lambda: one.split("statements").mirror)
                database.end(how)
                with pytest.raises((NotLeading, LedgerSilent)):
                    await moving
                await eventually(lambda: silent(conducted))
                two.stuck = False
                await eventually(lambda: two.split("statements").mirror)
                await database.start()
                await conducted.leads()
                await eventually(lambda: settled(conducted, "shadowing"))
                assert one.split("statements") == two.split("statements") == Split(mirror=100)


async def silent(conducted: Place) -> bool:
    async with connect(Seat(conducted.url, TOKEN)) as conductor:
        try:
            await conductor.slices()
        except LedgerSilent:
            return True
    return False


async def test_a_conductor_waits_for_a_database_that_is_not_there_yet(tmp_path: Path) -> None:
    with server() as database:
        await database.start()
        url = database.database()
        database.end(signal.SIGINT)
        async with place(tmp_path, url) as conducted:
            await conducted.start()
            await eventually(lambda: silent_soon(conducted))
            await database.start()
            await conducted.leads()


async def silent_soon(conducted: Place) -> bool:
    try:
        return await silent(conducted)
    except ConductorSilent:
        return False
