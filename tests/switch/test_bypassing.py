"""Who goes past the edge after a switch is refused, and seen; a retired slice leaves nothing."""

from pathlib import Path

import psycopg
import pytest

from matapalo.conductor import Side
from tests.support import eventually
from tests.switch.app import TABLE
from tests.switch.world import SERVICE, SLICE, World, world

CRON = "the cron job of old"
WRITE = f"INSERT INTO {TABLE} (name, customer, written_by) VALUES ('n', 'cron', 'cron')"


async def test_a_writer_that_bypasses_the_edge_is_told_who_owns_and_is_seen(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as town:
        crowd = town.crowd()
        async with crowd.busy():
            await town.conductor.copies()
            await town.conductor.switches()
            _is_refused(town)
            await eventually(lambda: town.ask(Side.NEW, _REFUSED) == [(SLICE, CRON)])
            await eventually(lambda: _is_shown(town))
            retired = await town.conductor.advances(to="retired")
            assert any(TABLE in text for text in retired.remains)
            _is_refused(town)
        assert not crowd.failures, crowd.failures[:5]
        assert not town.wrong_with(crowd, Side.NEW)
        assert town.left(Side.NEW) == {}
        # The guard alone is left, for as long as the tables are.
        assert town.left(Side.MONOLITH) == {
            "triggers": ["matapalo_guard A"],
            "tables": ["turn"],
        }
        await eventually(lambda: not town.streaming())


def _is_refused(town: World) -> None:
    with (
        psycopg.connect(town.url(Side.MONOLITH), application_name=CRON) as session,
        pytest.raises(psycopg.DatabaseError) as refused,
    ):
        session.execute(WRITE)
    assert refused.value.sqlstate == "MP001"
    assert SLICE in str(refused.value)
    assert SERVICE in str(refused.value)


async def _is_shown(town: World) -> bool:
    return (await town.conductor.slice()).refused == 1


_REFUSED = "SELECT slice, application FROM matapalo.refused"
