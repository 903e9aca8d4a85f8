"""A trial: one switch, one moment, one fault; and what became of them."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

from matapalo.conductor import Outcome, Side, SliceView
from matapalo.errors import ConductorError, MatapaloError
from tests.support import eventually
from tests.switch.customers import Crowd, Failure
from tests.switch.faults import EVERYBODY_NEEDS, Fault
from tests.switch.moments import Moment
from tests.switch.world import LONG, World

OWNERS = {"following": Side.MONOLITH, "switched": Side.NEW}


@dataclass(frozen=True)
class Result:
    """What became of a trial."""

    moment: Moment
    fault: Fault
    finished: bool
    """Whether the slice changed sides; it is where it was, if not."""
    seconds: float
    """From the fault until the slice was at rest and a customer had written."""
    failures: tuple[Failure, ...] = ()

    @property
    def word(self) -> str:
        """What became of the switch."""
        return "finished" if self.finished else "as before"

    @property
    def unexcused(self) -> list[Failure]:
        """Requests that failed though nothing that answers them was at fault."""
        excused = self.fault.process in EVERYBODY_NEEDS
        return [f for f in self.failures if not (excused or f.asked_to_come_again)]


@dataclass
class Trials:
    """Trials in one world, one after the other, under the same customers."""

    world: World
    crowd: Crowd
    results: list[Result] = field(default_factory=list)

    async def begin(self) -> None:
        """Have the tables copied, and a first switch there and back."""
        await self.world.conductor.copies()
        await self.world.conductor.switches()
        await self.world.conductor.switches_back()

    async def stand(self, owner: Side) -> None:
        """Have everything be well, with a side as the owner."""
        await eventually(self._is_well, within=LONG)
        if OWNERS[(await self.world.at_rest()).stage] is not owner:
            await self._switch(owner.other)
            await eventually(self._is_well, within=LONG)

    async def undergo(self, moment: Moment, fault: Fault, owner: Side) -> Result:
        """Have `owner` cease to own, and something happen at a moment; see that all is well."""
        await self.stand(owner)
        began = time.monotonic()
        with moment.awaited(self.world, owner) as held:
            moving = asyncio.create_task(self._switch(owner))
            await held.reached()
            struck = time.monotonic()
            await fault.strike(self.world)
            held.lift()
            await fault.pass_by(self.world)
        with suppress(MatapaloError):
            await moving
        seen = await self.settled()
        seconds = time.monotonic() - struck
        finished = OWNERS[seen.stage] is not owner
        failures = tuple(f for f in self.crowd.failures if f.at + f.seconds > began)
        result = Result(moment, fault, finished, seconds, failures)
        self.results.append(result)
        return result

    async def settled(self) -> SliceView:
        """Return the slice at rest, with one side open and every acknowledged write there."""
        seen = await self.world.at_rest()
        owner = OWNERS[seen.stage]
        await eventually(lambda: self.world.open_sides() == {owner}, within=LONG)
        await eventually(lambda: self._is_written(owner), within=LONG)
        await eventually(self._is_clean, within=LONG)
        known = [write.name for write in self.crowd.acknowledged]
        assert not self.world.lost_or_doubled(known, owner)
        return seen

    async def _is_written(self, owner: Side) -> bool:
        """Whether a customer can write, and it is the owner who answers."""
        probe = self.crowd.customers[0]
        before = len(probe.acknowledged)
        await eventually(lambda: len(probe.acknowledged) > before + 1, within=LONG)
        return probe.acknowledged[-1].by == owner.value

    async def _is_clean(self) -> bool:
        try:
            return (await self.world.conductor.verifies()).clean
        except MatapaloError:
            return False

    async def _is_well(self) -> bool:
        """Whether everything is as a switch needs it."""
        try:
            seen = await self.world.conductor.slice()
        except ConductorError:
            return False
        return not seen.move and all(gate.outcome is Outcome.PASS for gate in seen.gates)

    async def _switch(self, owner: Side) -> None:
        conductor = self.world.conductor
        await (conductor.switches() if owner is Side.MONOLITH else conductor.switches_back())
