"""Copies of a slice's tables begin, end, begin anew, and leave nothing behind."""

import signal
from pathlib import Path

import psycopg
import pytest

from matapalo.conductor.data import Side
from matapalo.conductor.tables import Tables
from matapalo.errors import DatabaseRefused, PreflightFailed
from matapalo.stream.names import Direction
from tests.conductor.tables.world import SLICE, World, copied, switch
from tests.stream.servers import run
from tests.support import eventually

MANY = "INSERT INTO account SELECT g, repeat('x', 500), 1000 FROM generate_series(201, 60000) g"


async def test_a_halted_copy_leaves_nothing_and_begins_anew(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        for _ in range(2):
            await copied(world, hand)
            await switch(world, hand)
            await switch(world, hand)
            for _ in range(2):
                await hand.halt(SLICE)
            assert world.left(Side.MONOLITH) == {}
            # What is left there says which tables were made, and whose turn it was.
            assert world.left(Side.NEW) == {"tables": ["load", "load_range", "turn"]}
            run(
                world.url(Side.MONOLITH),
                "DELETE FROM account WHERE id = (SELECT max(id) FROM account)",
            )
        await copied(world, hand)
        assert world.ask(Side.NEW, "SELECT count(*) FROM account") == [(198,)]
        assert (await hand.verify(SLICE, Side.MONOLITH)).clean
        indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
        assert world.ask(Side.NEW, indexes) == world.ask(Side.MONOLITH, indexes)


async def test_a_copy_can_be_halted_in_the_middle(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        run(world.url(Side.MONOLITH), MANY)
        world.serve()
        hand = world.hand()
        await hand.copy(SLICE)
        await eventually(lambda: _phase(hand, "loading"))
        await hand.halt(SLICE)
        assert world.left(Side.MONOLITH) == {}
        assert not (await hand.state(SLICE)).forward.running
        await copied(world, hand)
        assert world.ask(Side.NEW, "SELECT count(*) FROM account") == [(60000,)]


async def test_a_copy_begins_anew_with_another_mapping(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await hand.halt(SLICE)
        for process in world.processes.values():
            process.end()
        world.describe("      - {name: account, columns: {owner: holder}}\n")
        world.serve()
        await copied(world, world.hand())
        assert world.ask(Side.NEW, "SELECT count(holder) FROM account") == [(200,)]


async def test_a_halted_copys_tables_on_which_something_depends_are_not_dropped(
    tmp_path: Path,
) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await hand.halt(SLICE)
        run(world.url(Side.NEW), "CREATE VIEW rich AS SELECT id FROM account WHERE balance > 10")
        world.describe("      - {name: account, columns: {owner: holder}}\n")
        with pytest.raises(DatabaseRefused, match="depend"):
            await world.hand().copy(SLICE)
        assert world.ask(Side.NEW, "SELECT count(*) FROM account") == [(200,)]


async def test_what_would_hurt_is_told_before_anything_is_touched(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        run(world.url(Side.MONOLITH), "ALTER TABLE movement DROP CONSTRAINT movement_pkey")
        world.serve()
        hand = world.hand()
        with pytest.raises(PreflightFailed, match="movement"):
            await hand.copy(SLICE)
        assert world.left(Side.MONOLITH) == {}
        assert world.ask(Side.NEW, "SELECT FROM pg_tables WHERE schemaname = 'public'") == []
        assert not (await hand.state(SLICE)).forward.running


async def test_rows_that_no_copy_brought_are_not_emptied(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        run(world.url(Side.NEW), "CREATE TABLE transfer (id uuid PRIMARY KEY, mine int)")
        run(world.url(Side.NEW), "INSERT INTO transfer VALUES (gen_random_uuid(), 1)")
        world.serve()
        with pytest.raises(PreflightFailed):
            await world.hand().copy(SLICE)
        assert world.ask(Side.NEW, "SELECT mine FROM transfer") == [(1,)]


async def test_the_new_side_is_closed_while_it_is_being_copied(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        run(world.url(Side.MONOLITH), MANY)
        world.serve()
        hand = world.hand()
        await hand.copy(SLICE)

        async def closed() -> bool:
            return (await hand.state(SLICE)).closed == {Side.NEW}

        await eventually(closed)
        with pytest.raises(psycopg.DatabaseError, match="the monolith"):
            run(world.url(Side.NEW), "INSERT INTO account VALUES (0, 'too early', 1)")
        assert not (await hand.state(SLICE)).forward.loaded


async def test_a_killed_load_goes_on_where_it_was(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        run(world.url(Side.MONOLITH), MANY)
        world.serve()
        hand = world.hand()
        with world.writing() as writers:
            await hand.copy(SLICE)
            await eventually(lambda: _phase(hand, "loading"))
            world.processes[Direction.FORWARD].kill()
            await copied(world, hand)
        await hand.fence(SLICE, Side.MONOLITH, within=60)
        assert not [name for name in world.lost(writers) if "money" not in name]
        assert (await hand.verify(SLICE, Side.MONOLITH)).clean


async def test_a_lost_slot_is_told_and_a_new_copy_heals_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        forward = world.processes[Direction.FORWARD].process
        forward.send_signal(signal.SIGSTOP)
        slot = "matapalo_bank_forward"
        run(
            world.url(Side.MONOLITH),
            f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
            f" WHERE slot_name = '{slot}'",
        )
        await eventually(
            lambda: world.ask(
                Side.MONOLITH,
                f"SELECT pg_drop_replication_slot('{slot}') IS NOT NULL"
                f" FROM pg_replication_slots WHERE NOT active",
            )
        )
        forward.send_signal(signal.SIGCONT)
        await eventually(lambda: _phase(hand, "lost"), within=60)
        way = (await hand.state(SLICE)).forward
        assert "slot" in way.trouble
        assert not way.running
        await hand.halt(SLICE)
        await copied(world, hand)
        assert (await hand.verify(SLICE, Side.MONOLITH)).clean


async def test_a_retired_slice_leaves_a_closed_door_and_nothing_else(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await switch(world, hand)
        remains = await hand.retire(SLICE)
        assert [text.partition(":")[0] for text in remains[:3]] == [
            "the table public.account",
            "the table public.movement",
            "the table public.transfer",
        ]
        assert await hand.retire(SLICE) == remains
        assert world.left(Side.NEW) == {}
        left = world.left(Side.MONOLITH)
        assert left == {
            "triggers": ["matapalo_guard A"] * 3, "tables": ["turn"], "functions": ["refuse"],
        }  # fmt: skip
        with pytest.raises(psycopg.DatabaseError, match="money/bank"):
            run(world.url(Side.MONOLITH), "DELETE FROM account")
        run(world.url(Side.NEW), "INSERT INTO account VALUES (1000, 'new', 1)")


async def _phase(hand: Tables, phase: str) -> bool:
    return (await hand.state(SLICE)).forward.phase == phase
