"""The whole play: customers come, the story is performed, books are closed, a storm perhaps rages.

bring home ─▶ customers log in ─▶ the story ─▶ reckoning ─▶ the ending ─▶ books ─▶ Witnessed
                                  ╰ storm ╯   both sides     one side
                                              have all       has all
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from matapalo.blueprint import load
from matapalo.conductor import Event, Stage
from matapalo.console import Client
from matapalo.demo.claims import Witnessed, nothing
from matapalo.demo.customers import FRESH, Customers
from matapalo.demo.performance import (
    Compare,
    Move,
    Performed,
    bring_home,
    comparer,
    mover,
    perform,
    uncompared,
)
from matapalo.demo.reckoning import Ends, missing, reckon
from matapalo.demo.storm import Storm, excused
from matapalo.demo.story import TABLE_SLICE, Act, ending, story
from matapalo.demo.stubborn import stubborn
from matapalo.local import System
from matapalo.stream.databases import job_of, read

STORM_FRESH = 60.0
"""Seconds after a write in which reads may be kept back when streams are killed."""


@dataclass(frozen=True)
class Wish:
    """How a person wants the demonstration."""

    customers: int
    rate: float
    """Requests a second that all customers make together."""
    leave: bool
    """Whether it ends by itself."""
    storm: bool
    """Whether processes are killed meanwhile."""


@dataclass
class Play:
    """One performance, and whom it tells what happens."""

    system: System
    blueprint: Path
    conductor: Client
    wish: Wish
    tell: Callable[[Event], None]
    say: Callable[[str], None]
    acts: list[Performed] = field(default_factory=list)

    async def play(self) -> Witnessed:
        """Play it to its end. Raises whatever stops it."""
        async for event in bring_home(self.conductor):
            self.tell(event)
        wish, url = self.wish, self.system.edge_url
        self.say(f"{wish.customers} customers log in at {url}, and make {wish.rate:g} requests/s")
        fresh = STORM_FRESH if wish.storm else FRESH
        async with Customers(url, wish.customers, wish.rate, fresh=fresh) as customers:
            return await self._play(customers)

    async def _play(self, customers: Customers) -> Witnessed:
        hold = load(self.blueprint).slices[TABLE_SLICE].hold
        async with AsyncExitStack() as stack:
            storm = await stack.enter_async_context(Storm(self.system)) if self.wish.storm else None
            move = stubborn(self.conductor, self.say) if storm else mover(self.conductor)
            compare = uncompared if storm else comparer(self.conductor)
            await self._perform(story(), customers, move, compare)
        ends = self._ends()
        reckoning = await reckon(ends, customers.acknowledged, self.conductor)
        await self._perform(ending(), customers, move, uncompared)
        books = await customers.settle()
        return Witnessed(
            acts=self.acts,
            phases=customers.phases,
            books=books,
            ends=await self.conductor.slices(),
            users=self.wish.customers,
            hold=hold,
            reckoning=reckoning,
            missing=await missing(ends, customers.acknowledged),
            excused=partial(excused, outages=storm.outages, hold=hold) if storm else nothing,
            storm=self.wish.storm,
        )

    async def _perform(
        self, acts: Sequence[Act], customers: Customers, move: Move, compare: Compare
    ) -> None:
        async for happened in perform(acts, customers, move, compare):
            if isinstance(happened, Performed):
                self.acts.append(happened)
            else:
                self.tell(happened)

    def _ends(self) -> Ends:
        databases = read(self.system.home.databases)
        job = job_of(load(self.blueprint), databases, TABLE_SLICE)
        return Ends(job.monolith, job.new)


async def is_over(conductor: Client) -> bool:
    """Return whether an earlier demonstration has come to its end, from which nothing goes back."""
    return (await conductor.slice(TABLE_SLICE)).stage == Stage.RETIRED
