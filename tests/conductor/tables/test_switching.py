"""A slice's tables change owner, forth and back, while people write."""

import asyncio
import random
import signal
from pathlib import Path

import psycopg
import pytest

from matapalo.conductor.data import Side
from matapalo.conductor.tables import Tables
from matapalo.errors import GuardBlocked, SwitchUnready
from matapalo.stream.names import Direction
from tests.conductor.tables.world import SLICE, WAYS, World, copied, patiently, switch
from tests.stream.servers import run
from tests.support import eventually

MOVE = (
    "INSERT INTO movement (transfer, account, amount, kind) VALUES (gen_random_uuid(), 1, 0, 'in')"
)


async def test_tables_change_owner_twenty_times_and_nothing_is_lost(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        with world.writing() as writers:
            await copied(world, hand)
            for _ in range(20):
                await switch(world, hand)
        verified = await hand.verify(SLICE, world.owner)
        assert verified.clean, verified.faults
        assert verified.rows > 200
        assert verified.position
        await hand.fence(SLICE, world.owner, within=30)
        assert not world.lost(writers)
        state = await hand.state(SLICE)
        assert (state.forward.conflicts, state.reverse.conflicts, state.refused) == (0, 0, 0)
        assert state.closed == {Side.NEW}
        for _ in range(2):
            await hand.halt(SLICE)
        assert world.left(Side.MONOLITH) == {}


async def test_everything_may_be_done_twice(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        with world.writing() as writers:
            await copied(world, hand)
            await hand.copy(SLICE)
            await hand.follow(SLICE)
            for _ in range(3):
                await switch(world, hand, times=2)
        assert world.owner is Side.NEW
        await hand.fence(SLICE, world.owner, within=30)
        assert not world.lost(writers)


async def test_faults_of_streams_and_servers_in_the_middle_lose_nothing(tmp_path: Path) -> None:
    chance = random.Random(4)
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        with world.writing() as writers:
            await copied(world, hand)
            for number in range(10):
                await _switch_with_a_fault(world, hand, chance, number)
        await patiently(lambda: hand.fence(SLICE, world.owner, within=30))
        assert not world.lost(writers)
        verified = await patiently(lambda: hand.verify(SLICE, world.owner))
        assert verified.clean, verified.faults
        state = await hand.state(SLICE)
        assert (state.forward.conflicts, state.reverse.conflicts) == (0, 0)


async def _switch_with_a_fault(
    world: World, hand: Tables, chance: random.Random, number: int
) -> None:
    """Change the owner; something happens at one of four moments, and what failed is repeated."""
    owner, turn, moment = world.owner, world.turn(), chance.randrange(4)

    async def strike(now: int) -> None:
        if now == moment:
            await asyncio.to_thread(_FAULTS[number % len(_FAULTS)], world)

    await strike(0)
    await patiently(lambda: hand.prove(SLICE, owner, within=20))
    with world.gate.held():
        await strike(1)
        await patiently(lambda: hand.close(SLICE, owner, turn=turn, within=10))
        await strike(2)
        await patiently(lambda: hand.fence(SLICE, owner, within=20))
        await strike(3)
        await patiently(lambda: hand.open(SLICE, owner.other, turn=turn))
        world.gate.owner = world.url(owner.other)


def _kill_forward(world: World) -> None:
    world.processes[Direction.FORWARD].kill()


def _kill_both(world: World) -> None:
    for way in WAYS:
        world.processes[way].kill()


def _restart_monolith(world: World) -> None:
    world.servers[Side.MONOLITH].stop()
    world.servers[Side.MONOLITH].start()


def _crash_new(world: World) -> None:
    world.servers[Side.NEW].crash()
    world.servers[Side.NEW].start()


def _cut_everything(world: World) -> None:
    for side in Side:
        run(
            world.url(side),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'matapalo%' AND pid <> pg_backend_pid()",
        )


_FAULTS = (_kill_forward, _restart_monolith, _kill_both, _crash_new, _cut_everything)


async def test_a_switch_opens_no_session_of_the_hand(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await switch(world, hand)
        before = {side: _sessions(world, side) for side in Side}
        await switch(world, hand)
        await switch(world, hand)
        assert before == {side: _sessions(world, side) for side in Side}
        assert all(before.values())


def _sessions(world: World, side: Side) -> list[tuple[object, ...]]:
    return world.ask(
        side,
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'matapalo switch%'",
    )


async def test_an_earlier_turn_neither_closes_nor_opens(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        old, new = world.hand(), world.hand()
        await copied(world, old)
        await old.prove(SLICE, Side.MONOLITH, within=60)
        await old.close(SLICE, Side.MONOLITH, turn=5, within=10)
        await new.close(SLICE, Side.MONOLITH, turn=6, within=10)
        with pytest.raises(SwitchUnready, match="turn 5 is over"):
            await old.open(SLICE, Side.MONOLITH, turn=5)
        assert (await old.state(SLICE)).closed == set(Side)
        await new.open(SLICE, Side.MONOLITH, turn=6)
        with pytest.raises(SwitchUnready, match="turn 5 is over"):
            await old.close(SLICE, Side.MONOLITH, turn=5, within=10)
        assert (await old.state(SLICE)).closed == {Side.NEW}
        run(world.url(Side.MONOLITH), MOVE)


async def test_what_was_not_proven_is_not_closed(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        with pytest.raises(SwitchUnready, match="no guard"):
            await hand.close(SLICE, Side.MONOLITH, turn=1, within=1)
        run(world.url(Side.MONOLITH), MOVE)


async def test_a_writer_who_does_not_end_is_named_and_nothing_has_changed(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await hand.prove(SLICE, Side.MONOLITH, within=60)
        with psycopg.connect(world.url(Side.MONOLITH), application_name="night batch") as batch:
            batch.execute(MOVE)
            with pytest.raises(GuardBlocked) as blocked:
                await hand.close(SLICE, Side.MONOLITH, turn=1, within=0.5)
            assert "night batch" in blocked.value.hint
            await eventually(lambda: _is_long(world))
            with pytest.raises(SwitchUnready, match="night batch"):
                await hand.prove(SLICE, Side.MONOLITH, within=2)
            batch.commit()
        run(world.url(Side.MONOLITH), MOVE)
        await hand.prove(SLICE, Side.MONOLITH, within=60)


def _is_long(world: World) -> bool:
    return world.ask(
        Side.MONOLITH,
        "SELECT clock_timestamp() - xact_start > interval '1 s' FROM pg_stat_activity"
        " WHERE application_name = 'night batch'",
    ) == [(True,)]


async def test_a_writer_that_bypasses_the_edge_is_refused_and_reported(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await switch(world, hand)
        with pytest.raises(psycopg.DatabaseError, match="money/bank") as met:
            run(world.url(Side.MONOLITH), MOVE)
        assert met.value.sqlstate == "MP001"
        await switch(world, hand)
        with pytest.raises(psycopg.DatabaseError, match="the monolith"):
            run(world.url(Side.NEW), MOVE)
        for side in Side:
            await hand.fence(SLICE, side, within=30)
        assert (await hand.state(SLICE)).refused == 2


async def test_no_number_is_given_out_twice_however_many_were_since_the_proof(
    tmp_path: Path,
) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        for owner in (Side.MONOLITH, Side.NEW, Side.MONOLITH):
            await hand.prove(SLICE, owner, within=60)
            # More than any margin, and more than there are rows of.
            sequence = "SELECT nextval(pg_get_serial_sequence('movement', 'id'))"
            run(world.url(owner), f"{sequence} FROM generate_series(1, 30000)")
            run(world.url(owner), MOVE)
            ((last,),) = world.ask(owner, "SELECT max(id) FROM movement")
            await hand.close(SLICE, owner, turn=world.turn(), within=10)
            await hand.fence(SLICE, owner, within=30)
            await hand.open(SLICE, owner.other, turn=world.turn())
            run(world.url(owner.other), MOVE)
            assert world.ask(owner.other, "SELECT max(id) FROM movement") == [(last + 1,)]  # type: ignore[operator]


async def test_a_side_that_somebody_opened_is_no_ground_for_a_switch(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        run(world.url(Side.NEW), "ALTER TABLE movement DISABLE TRIGGER matapalo_guard")
        with pytest.raises(SwitchUnready, match="not closed"):
            await hand.prove(SLICE, Side.MONOLITH, within=10)


async def test_a_lost_way_back_begins_anew_while_the_monolith_owns_and_never_after(
    tmp_path: Path,
) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await switch(world, hand)
        await switch(world, hand)
        await _lose_way_back(world, hand)
        with world.writing() as writers:
            await switch(world, hand)
        await hand.fence(SLICE, Side.NEW, within=30)
        assert not world.lost(writers)
        await _lose_way_back(world, hand)
        with pytest.raises(SwitchUnready):
            await hand.prove(SLICE, Side.NEW, within=3)
        run(world.url(Side.NEW), MOVE)


async def _lose_way_back(world: World, hand: Tables) -> None:
    process, slot = world.processes[Direction.REVERSE].process, "matapalo_bank_reverse"
    process.send_signal(signal.SIGSTOP)
    run(
        world.url(Side.NEW),
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
        f" WHERE slot_name = '{slot}'",
    )
    drop = (
        "SELECT pg_drop_replication_slot(slot_name) IS NOT NULL FROM pg_replication_slots"
        f" WHERE slot_name = '{slot}' AND NOT active"
    )
    await eventually(lambda: world.ask(Side.NEW, drop))
    process.send_signal(signal.SIGCONT)

    async def lost() -> bool:
        return (await hand.state(SLICE)).reverse.phase == "lost"

    await eventually(lost, within=60)


async def test_a_stream_that_does_not_run_is_no_proof(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        world.processes[Direction.REVERSE].end()
        with pytest.raises(SwitchUnready, match="reverse") as unready:
            await hand.prove(SLICE, Side.MONOLITH, within=3)
        assert "does not run" in unready.value.hint
        run(world.url(Side.MONOLITH), MOVE)
