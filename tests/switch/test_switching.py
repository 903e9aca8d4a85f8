"""A slice changes sides under customers who never stop, forth and back."""

from pathlib import Path

import pytest

from matapalo.conductor import Side
from tests.switch.world import World, world


@pytest.mark.parametrize(
    "times", [20, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(0)])]
)
async def test_a_slice_switches_forth_and_back_and_no_customer_sees_more_than_a_pause(
    tmp_path: Path, times: int
) -> None:
    async with world(tmp_path) as town:
        crowd = town.crowd()
        async with crowd.busy():
            await town.conductor.copies()
            await _forth_and_back(town)
            sessions, files = town.sessions(), town.edges[0].files()
            for _ in range(times // 2 - 1):
                await _forth_and_back(town)
            assert (await town.conductor.verifies()).clean
            assert town.sessions() == sessions
            assert town.edges[0].files() == files
        assert not crowd.failures, crowd.failures[:5]
        assert not crowd.stale, crowd.stale[:5]
        assert {write.by for write in crowd.acknowledged} == {"monolith", "new"}
        await town.holds(crowd)
        assert town.conflicts() == 0
        await town.conductor.backs(to="monolith")
        assert town.left(Side.MONOLITH) == {}
        # Which of the new side's rows the next copy may replace, and who decided last.
        assert town.left(Side.NEW) == {"tables": ["load", "load_range", "turn"]}
        assert not town.streaming()


async def _forth_and_back(town: World) -> None:
    there = await town.conductor.switches()
    assert [mark.what for mark in there.timeline] == ["hold", "seal", "open", "release"]
    assert town.open_sides() == {Side.NEW}
    await town.conductor.switches_back()
    assert town.open_sides() == {Side.MONOLITH}
