"""Performing the story: the conductor makes every move while the customers go on."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from matapalo.compare import SliceComparisons
from matapalo.conductor import Arrived, Event, Planned, Position, Stage
from matapalo.console import Client
from matapalo.demo.customers import Customers
from matapalo.demo.pauses import Switch, waits
from matapalo.demo.story import SLICES, TABLE_SLICE, Act
from matapalo.demo.tally import Phase, Timings

WHO = "demo"
PATIENCE = 120.0
"""How long an act may wait for its gates, in seconds."""
SETTLE = 2.0
"""Seconds after a step of a slice with tables in which anybody's reads may be kept back."""
LOOK = 3.0
"""How long the customers are watched once a step is done, in seconds."""

Move = Callable[[Act], AsyncIterator[Event]]
"""Makes the conductor's move of an act."""
Compare = Callable[[Act], Awaitable[SliceComparisons]]
"""Tells what was compared in an act's position."""


@dataclass(frozen=True)
class Performed:
    """An act that is over, as the customers saw it."""

    act: Act
    step: float
    """Seconds from the conductor's first action until every edge obeyed."""
    moving: Phase
    """From the beginning, the wait for gates included, until every edge obeyed."""
    settled: Phase
    """From there on."""
    pause: float | None = None
    """Milliseconds for which writes were held, by the conductor; None where none were."""
    waited: Timings = field(default_factory=Timings)
    """How long writes took that were under way around that."""
    compared: SliceComparisons = field(default_factory=SliceComparisons)
    """Answers of both sides that were held against each other."""


async def perform(
    acts: Iterable[Act], customers: Customers, move: Move, compare: Compare
) -> AsyncIterator[Event | Performed]:
    """Perform every act; give what happens as it happens. Raises whatever stops a move."""
    for act in acts:
        customers.mark(act.title, act.directions)
        step, switch = 0.0, None
        async for event in move(act):
            yield event
            if isinstance(event, Arrived):
                step = event.seconds
                switch = Switch.of(event, time.monotonic()) or switch
            _expect(act, event, customers)
        await _settle(act, customers)
        moving = customers.mark(act.title)
        await asyncio.sleep(LOOK)
        settled = customers.mark("between")
        yield Performed(
            act,
            step,
            moving,
            settled,
            pause=switch.pause if switch else None,
            waited=waits(switch, customers.writes, act.slice) if switch else Timings(),
            compared=await compare(act),
        )


def _expect(act: Act, event: Event, customers: Customers) -> None:
    """Have customers know when anybody's reads may be kept back: while users are divided anew."""
    if act.slice == TABLE_SLICE and isinstance(event, Planned):
        customers.unsettle(act.slice)
    if act.slice == TABLE_SLICE and isinstance(event, Arrived):
        customers.unsettle(act.slice, time.monotonic() + SETTLE)


async def _settle(act: Act, customers: Customers) -> None:
    if act.slice == TABLE_SLICE:
        customers.unsettle(act.slice, time.monotonic() + SETTLE)
        await asyncio.sleep(SETTLE)


def mover(conductor: Client) -> Move:
    """Return what makes moves as they are asked for: what stops one is raised."""
    return lambda act: conductor.move(act.verb, act.slice, wish(act))


async def bring_home(conductor: Client) -> AsyncIterator[Event]:
    """Take the slices back to where the story begins, wherever an earlier run left them."""
    asked = {"to": Position().stage, "who": WHO, "why": "an earlier demonstration left it here"}
    for name in SLICES:
        seen = await conductor.slice(name)
        if seen.stage != Position().stage or seen.move:
            async for event in conductor.move("back", name, asked):
                yield event


def wish(act: Act) -> dict[str, object]:
    """Return how the conductor is asked for an act."""
    asked: dict[str, object] = {"to": act.position.stage, "who": WHO, "why": "demonstration"}
    if act.position.percent:
        asked["percent"] = act.position.percent
    return asked | ({"wait": PATIENCE} if act.verb == "advance" else {})


def comparer(conductor: Client) -> Compare:
    """Return what tells what was compared: that is done while both sides are asked the same."""

    async def compare(act: Act) -> SliceComparisons:
        if act.position.stage is not Stage.SHADOWING:
            return SliceComparisons()
        return (await conductor.differences(act.slice)).found

    return compare


async def uncompared(_: Act) -> SliceComparisons:
    """Compare nothing."""
    return SliceComparisons()
