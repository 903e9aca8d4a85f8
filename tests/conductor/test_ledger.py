"""The ledger in a real PostgreSQL: only ever added to, and written by one at a time."""

import psycopg
import pytest

from matapalo.conductor.entry import Draft, Facts
from matapalo.conductor.fold import fold
from matapalo.conductor.ledger import Ledger, session
from matapalo.conductor.stages import Position, Stage
from matapalo.conductor.window import Count
from matapalo.edge.split import Split
from matapalo.errors import LedgerSilent
from tests.conductor.edge import meter
from tests.support import eventually

BEGUN = Draft(slice="s", who="ana", kind="move", state="begun", text="monolith → shadowing")


async def led(ledger: Ledger) -> Ledger:
    assert await ledger.lead()
    await ledger.migrate()
    return ledger


async def test_an_entry_comes_back_as_it_was_written(ledger_url: str) -> None:
    facts = Facts(
        start=Position(),
        goal=Position(Stage.READING, 12.5),
        split=Split(reads_new=12.5),
        monolith=meter(7, 1),
        counts={"edge-1": Count(epoch="e", sides={"new": meter(3)})},
    )
    draft = BEGUN.model_copy(update={"facts": facts, "why": 'it\'s "time"; DROP TABLE x; — ñ'})
    async with session(ledger_url) as ledger:
        await led(ledger)
        written = (await ledger.append([draft]))[0]
        assert await ledger.entries() == (written,)
    assert written.facts == facts
    assert written.why == draft.why
    assert written.move == written.id


async def test_ids_rise_and_a_move_is_known_by_its_first_entry(ledger_url: str) -> None:
    async with session(ledger_url) as ledger:
        await led(ledger)
        first = (await ledger.append([BEGUN]))[0]
        done = BEGUN.model_copy(update={"state": "done", "move": first.id})
        second = (await ledger.append([done]))[0]
    assert second.id > first.id
    assert second.move == first.id


async def test_entries_are_the_last_ones_in_their_order(ledger_url: str) -> None:
    async with session(ledger_url) as ledger:
        await led(ledger)
        ids = [(await ledger.append([BEGUN]))[0].id for _ in range(5)]
        other = (await ledger.append([BEGUN.model_copy(update={"slice": "t"})]))[0]
        assert [entry.id for entry in await ledger.entries(limit=2)] == [ids[-1], other.id]
        assert [entry.id for entry in await ledger.entries(slice_name="s", after=ids[2])] == ids[3:]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE matapalo.ledger SET who = 'nobody'",
        "DELETE FROM matapalo.ledger",
        "TRUNCATE matapalo.ledger",
        "TRUNCATE matapalo.ledger CASCADE",
        "SET session_replication_role = replica; DELETE FROM matapalo.ledger",
    ],
)
async def test_nobody_changes_an_entry_not_even_a_superuser(
    ledger_url: str, statement: str
) -> None:
    async with session(ledger_url) as ledger:
        await led(ledger)
        written = (await ledger.append([BEGUN]))[0]
        with (
            psycopg.connect(ledger_url, autocommit=True) as superuser,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
        ):
            superuser.execute(statement)
        assert await ledger.entries() == (written,)


async def test_one_session_leads_and_the_other_learns_who_that_is(ledger_url: str) -> None:
    async with session(ledger_url) as one, session(ledger_url) as other:
        assert await one.lead()
        assert not await other.lead()
        holder = await other.holder()
        assert holder
        assert holder.name.startswith("matapalo conductor ")
        assert str(holder.since.year) in str(holder)


async def test_the_lock_goes_with_its_session(ledger_url: str) -> None:
    async with session(ledger_url) as one:
        assert await one.lead()
        with psycopg.connect(ledger_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            )
        async with session(ledger_url) as other:
            await eventually(other.lead)
            with pytest.raises(LedgerSilent):
                await one.append([BEGUN])


async def test_the_schema_is_made_once_and_a_newer_one_is_left_alone(ledger_url: str) -> None:
    async with session(ledger_url) as ledger:
        await led(ledger)
        await ledger.append([BEGUN])
        await ledger.migrate()
        assert len(await ledger.entries()) == 1
        with psycopg.connect(ledger_url, autocommit=True) as admin:
            admin.execute("INSERT INTO matapalo.migration (version) VALUES (1000)")
        with pytest.raises(LedgerSilent, match="version 1000"):
            await ledger.migrate()


async def test_a_ledger_that_is_not_there_is_said_to_be_silent_without_its_password() -> None:
    with pytest.raises(LedgerSilent) as silent:
        async with session("postgresql://ana:hush@127.0.0.1:1/matapalo"):
            pass
    assert "hush" not in str(silent.value)


async def test_what_was_folded_from_all_is_what_was_folded_bit_by_bit(ledger_url: str) -> None:
    async with session(ledger_url) as ledger:
        await led(ledger)
        facts = Facts(start=Position(), goal=Position(Stage.SHADOWING))
        (first,) = await ledger.append([BEGUN.model_copy(update={"facts": facts})])
        split = Facts(split=Split(mirror=100))
        action = Draft(slice="s", who="ana", kind="action", state="begun", action=1, move=first.id)
        await ledger.append([action.model_copy(update={"facts": split})])
        await ledger.append([action.model_copy(update={"state": "done"})])
        await ledger.append([BEGUN.model_copy(update={"state": "done", "move": first.id})])
        entries = await ledger.entries()
    world = None
    for entry in entries:
        world = fold([entry], world)
    assert world == fold(entries)
    assert world.of("s").position == Position(Stage.SHADOWING)
    assert world.version == entries[1].id
