"""What is told of a slice's tables, whoever does not answer."""

import time
from pathlib import Path

from matapalo.blueprint import Blueprint
from matapalo.conductor.data import Side, Way
from matapalo.conductor.tables import Tables
from matapalo.stream.databases import Databases
from matapalo.stream.names import Direction
from tests.conductor.tables.world import SLICE, World, copied, patiently, switch
from tests.stream.servers import run
from tests.support import eventually


async def test_a_slice_of_which_nothing_is_known_is_told_so(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        state = await world.hand().state(SLICE)
        assert (state.forward, state.reverse) == (Way(conflicts=0), Way(conflicts=0))
        assert (state.closed, state.refused) == (frozenset(), 0)


async def test_a_copy_tells_how_it_is(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await hand.copy(SLICE)
        await copied(world, hand)
        way = (await hand.state(SLICE)).forward
        assert (way.phase, way.running, way.loaded, way.conflicts) == ("following", True, True, 0)
        assert way.progress == "200 rows copied"

        async def beats() -> bool:
            forward = (await hand.state(SLICE)).forward
            known = forward.heartbeat_age is not None and forward.lag_seconds is not None
            return known and (forward.heartbeat_age or 0) < 10

        await eventually(beats)
        # A stream that was never wanted runs idle, and says nothing.
        assert (await hand.state(SLICE)).reverse == Way(conflicts=0)


async def test_a_server_that_is_down_or_silent_keeps_nobody_waiting(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        await switch(world, hand)
        for side in Side:
            with world.servers[side].hung():
                for _ in range(3):
                    await _is_told(hand, side)
            await eventually(lambda: _is_known(hand), within=60)
            world.servers[side].stop()
            for _ in range(3):
                await _is_told(hand, side)
            world.servers[side].start()
            await eventually(lambda: _is_known(hand), within=60)


async def _is_told(hand: Tables, silent: Side) -> None:
    began = time.monotonic()
    state = await hand.state(SLICE)
    # Two seconds are promised; a busy machine is given more.
    assert time.monotonic() - began < 4
    towards, away = state.towards(silent), state.towards(silent.other)
    assert (towards.lag_seconds, towards.running, towards.conflicts) == (None, False, None)
    assert f"the {silent}'s database" in towards.trouble
    assert away.lag_seconds is None
    assert away.heartbeat_age is None
    assert state.refused is None


async def _is_known(hand: Tables) -> bool:
    state = await hand.state(SLICE)
    ways = (state.forward, state.reverse)
    return all(way.lag_seconds is not None and way.phase == "following" for way in ways)


async def test_a_write_has_passed_only_once_it_is_there(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        for number in range(1000, 1030):
            run(world.url(Side.MONOLITH), f"INSERT INTO account VALUES ({number}, 'x', 1)")
            assert await hand.passed(SLICE, within=30)
            assert world.ask(Side.NEW, f"SELECT 1 FROM account WHERE id = {number}") == [(1,)]
        # On a quiet database too.
        assert await hand.passed(SLICE, within=30)


async def test_nothing_has_passed_that_the_stream_has_not_seen(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        assert world.processes[Direction.FORWARD].end() == 0
        run(world.url(Side.MONOLITH), "INSERT INTO account VALUES (1000, 'x', 1)")
        assert not await hand.passed(SLICE, within=1)
        world.servers[Side.NEW].stop()
        assert not await hand.passed(SLICE, within=1)
        world.servers[Side.NEW].start()
        world.serve()
        assert await hand.passed(SLICE, within=60)
        assert world.ask(Side.NEW, "SELECT 1 FROM account WHERE id = 1000") == [(1,)]


async def test_differences_are_told_by_key_and_without_values(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        await copied(world, hand)
        run(
            world.url(Side.NEW),
            "SET matapalo.stream = 'matapalo_bank_forward';"
            "UPDATE account SET owner = 'somebody else' WHERE id = 7;"
            "DELETE FROM account WHERE id = 9",
        )
        found = await patiently(lambda: hand.verify(SLICE, Side.MONOLITH))
        assert (found.clean, found.differing, found.rows) == (False, 2, 200)
        assert len(found.faults) == 2
        assert "(7)" in found.faults[0]
        assert "owner" in found.faults[0]
        assert "somebody" not in "".join(found.faults)


async def test_what_crosses_the_border_is_told_with_choices(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        run(
            world.url(Side.MONOLITH),
            """CREATE TABLE branch (id int PRIMARY KEY);
               ALTER TABLE account ADD branch int CONSTRAINT at_branch REFERENCES branch;
               CREATE TABLE card (id int PRIMARY KEY, account bigint REFERENCES account);
               CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
               CREATE TRIGGER noted AFTER INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION note();
               CREATE VIEW rich AS SELECT id FROM account WHERE balance > 10;
               CREATE SCHEMA "odd one";
               CREATE MATERIALIZED VIEW "odd one".sums AS SELECT sum(amount) FROM movement""",
        )
        found = {one.what: one.choices for one in await world.hand().border(SLICE)}
        assert list(found) == [
            "account refers to branch (foreign key at_branch)",
            "card refers to account (foreign key card_account_fkey)",
            "the trigger noted of transfer runs note()",
            'the materialized view "odd one".sums reads movement',
            "the view rich reads account",
        ]
        choices = found["account refers to branch (foreign key at_branch)"]
        assert all(word in choices for word in ("along", "copy", "ask the monolith"))


async def test_a_database_that_is_not_known_is_named_by_whatever_needs_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        hand = Tables(world.described, Databases(monolith=world.url(Side.MONOLITH)))
        assert "money/vault" in (await hand.state(SLICE)).forward.trouble
        described: Blueprint = world.described
        assert "monolith" in (await Tables(described, Databases()).state(SLICE)).forward.trouble
