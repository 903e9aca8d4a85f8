"""Three edges: a switch waits for the slow one, and for the agent that comes back."""

import asyncio
import signal
import time
from pathlib import Path

import psutil

from matapalo.conductor import Arrived, Side
from tests.switch.moments import Moment
from tests.switch.world import Edge, World, world

SLOW = 0.3
"""Seconds that an agent stands still."""
HOLD = 20.0
"""Seconds that a write may wait."""


async def test_one_edge_may_be_slow_and_another_killed_in_the_middle(tmp_path: Path) -> None:
    async with world(tmp_path, edges=3, hold=HOLD) as town:
        crowd = town.crowd(count=9)
        async with crowd.busy():
            await town.conductor.copies()
            began = time.monotonic()
            await _switch(town, Side.MONOLITH)
            assert town.open_sides() == {Side.NEW}
            # An agent may die at any time: nobody but the conductor notices.
            assert not crowd.failures, crowd.failures[:5]
            waits = [write.seconds for write in crowd.acknowledged if write.at >= began]
            assert SLOW < max(waits) < HOLD
            (envoy,) = town.edges[2].envoys()
            await _switch(town, Side.NEW, envoy)
            assert town.open_sides() == {Side.MONOLITH}
        assert all(town.edges[2].port == one.port for one in crowd.customers if one.failures)
        assert not [failure for failure in crowd.failures if failure.refused_by_guard]
        assert not crowd.stale, crowd.stale[:5]
        await town.holds(crowd)


async def _switch(town: World, owner: Side, envoy: psutil.Process | None = None) -> Arrived:
    """Switch; the second edge is slow to hold, and something of the third one is killed then."""
    conductor, slow = town.conductor, town.kept["edge-2"]
    switch = conductor.switches if owner is Side.MONOLITH else conductor.switches_back
    with Moment("hold", "begins").awaited(town, owner) as held:
        moving = asyncio.create_task(switch())
        await held.reached()
        slow.send(signal.SIGSTOP)
        held.lift()
        _kill(town.edges[2], envoy)
        await asyncio.sleep(SLOW)
        slow.send(signal.SIGCONT)
        return await moving


def _kill(edge: Edge, envoy: psutil.Process | None) -> None:
    if envoy:
        envoy.kill()
    else:
        edge.agent.send(signal.SIGKILL)
