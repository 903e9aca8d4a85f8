"""Whatever happens in the middle of a switch, one side owns in the end, and has every write."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from matapalo.conductor import Side
from tests.switch.faults import FAULTS, Fault
from tests.switch.moments import MOMENTS, Moment
from tests.switch.table import Table
from tests.switch.trials import Result, Trials
from tests.switch.world import world

WAYS = {"forth": Side.MONOLITH, "back": Side.NEW}
QUICK = (
    (Moment("hold", "ends"), Fault("killed", "conductor"), "forth"),
    (Moment("seal", "ends"), Fault("killed", "forward stream"), "forth"),
    (Moment("open", "ends"), Fault("killed", "new database"), "forth"),
    (Moment("release", "begins"), Fault("killed", "Envoy"), "back"),
)
WRITES = "MATAPALO_WRITE_DOCS"
"""If it is set, a whole run writes what it found into docs/switch.md."""


@pytest.fixture(scope="module")
def found() -> Iterator[Table]:
    """Give the table that all trials of a run go into."""
    table = Table()
    yield table
    if os.environ.get(WRITES):
        assert table.is_whole(list(WAYS)), "not everything was tried: nothing is written"
        table.write()


async def test_a_fault_in_the_middle_of_a_switch_loses_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as town:
        trials = Trials(town, town.crowd())
        async with trials.crowd.busy():
            await trials.begin()
            for moment, fault, way in QUICK:
                _judge(await trials.undergo(moment, fault, WAYS[way]))
        await town.holds(trials.crowd)
        assert town.conflicts() == 0


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_fault_at_any_moment_of_a_switch_loses_nothing(
    tmp_path: Path, found: Table, fault: Fault, way: str
) -> None:
    async with world(tmp_path) as town:
        trials = Trials(town, town.crowd())
        async with trials.crowd.busy():
            await trials.begin()
            for moment in MOMENTS:
                result = await trials.undergo(moment, fault, WAYS[way])
                found.add(way, result)
                _judge(result)
        await town.holds(trials.crowd)
        assert town.conflicts() == 0


def _judge(result: Result) -> None:
    print(  # shown where the test fails
        f"{result.moment}, {result.fault}: {result.word} after {result.seconds:.1f} s,"
        f" {len(result.failures)} failures: {[str(f) for f in result.failures[:3]]}"
    )
    assert not result.unexcused, [str(failure) for failure in result.unexcused[:5]]
    assert not [failure for failure in result.failures if failure.refused_by_guard]
