"""Performing the story: the conductor makes every move while the customers go on."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from matapalo.conductor import Arrived, Event, Position
from matapalo.console import Client
from matapalo.demo.customers import Customers
from matapalo.demo.story import SLICES, Act
from matapalo.demo.tally import Phase

WHO = "demo"
PATIENCE = 120.0
"""How long an act may wait for its gates, in seconds."""
LOOK = 3.0
"""How long the customers are watched once a step is done, in seconds."""


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


async def perform(
    acts: Iterable[Act], customers: Customers, conductor: Client
) -> AsyncIterator[Event | Performed]:
    """Perform every act; give what happens as it happens. Raises whatever stops a move."""
    for act in acts:
        customers.mark(act.title, act.directions)
        step = 0.0
        async for event in conductor.move(act.verb, act.slice, _wish(act)):
            yield event
            if isinstance(event, Arrived):
                step = event.seconds
        moving = customers.mark(act.title)
        await asyncio.sleep(LOOK)
        settled = customers.mark("between")
        yield Performed(act, step, moving, settled)


async def bring_home(conductor: Client) -> AsyncIterator[Event]:
    """Take the slices back to where the story begins, wherever an earlier run left them."""
    wish = {"to": Position().stage, "who": WHO, "why": "an earlier demonstration left it here"}
    for name in SLICES:
        seen = await conductor.slice(name)
        if seen.stage != Position().stage or seen.move:
            async for event in conductor.move("back", name, wish):
                yield event


def _wish(act: Act) -> dict[str, object]:
    wish: dict[str, object] = {"to": act.position.stage, "who": WHO, "why": "demonstration"}
    if act.position.percent:
        wish["percent"] = act.position.percent
    return wish | ({"wait": PATIENCE} if act.verb == "advance" else {})
