"""A hold has an end: who waits is told to come again, and everything is as before."""

import asyncio
import signal
from pathlib import Path

from matapalo.conductor import Side
from matapalo.errors import MatapaloError
from tests.switch.moments import Moment
from tests.switch.trials import Trials
from tests.switch.world import World, world

HOLD = 1.0
AWAY = 2.5


async def test_a_conductor_that_is_away_for_too_long_fails_nothing_but_the_switch(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, hold=HOLD) as town:
        crowd = town.crowd()
        async with crowd.busy():
            trials = Trials(town, crowd)
            await trials.begin()
            await trials.stand(Side.MONOLITH)
            assert await _switch_without_a_conductor(town)
            await trials.settled()
            assert (await town.at_rest()).stage == "following"
            assert town.open_sides() == {Side.MONOLITH}
            moves = [one for one in await town.conductor.ledger() if one.kind == "move"]
            assert (moves[-1].state, moves[-1].text) == ("failed", "following, as before")
            assert moves[-1].facts.trouble
            failures = list(crowd.failures)
            await trials.stand(Side.NEW)
        assert failures, "nobody was told to come again"
        assert all(failure.asked_to_come_again for failure in failures), failures[:5]
        assert all(failure.seconds >= HOLD for failure in failures)
        assert len(failures) == len(crowd.failures)
        await town.holds(crowd)


async def _switch_without_a_conductor(town: World) -> bool:
    """Have the conductor stand still while it closes the tables. Return whether it gave up."""
    conductor = town.kept["conductor"]
    with Moment("seal", "ends").awaited(town, Side.MONOLITH) as held:
        moving = asyncio.create_task(town.conductor.switches())
        await held.reached()
        conductor.send(signal.SIGSTOP)
        held.lift()
        await asyncio.sleep(AWAY)
        conductor.send(signal.SIGCONT)
        try:
            await moving
        except MatapaloError:
            return True
    return False
