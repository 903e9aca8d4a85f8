"""The conductor's front: it leads whenever it can, and what it is asked goes to its reign."""

import asyncio
from asyncio import FIRST_EXCEPTION
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from matapalo.blueprint import Slice
from matapalo.conductor.book import Book
from matapalo.conductor.data import Crossing, Data, Verified
from matapalo.conductor.edges import Edges
from matapalo.conductor.entry import Entry
from matapalo.conductor.events import Event, Planned
from matapalo.conductor.health import Ask
from matapalo.conductor.judging import Answers, Sources
from matapalo.conductor.leadership import lead
from matapalo.conductor.ledger import Ledger
from matapalo.conductor.observing import Observer
from matapalo.conductor.order import Order
from matapalo.conductor.reign import Reign
from matapalo.conductor.view import SliceView
from matapalo.conductor.walker import Say, Walker
from matapalo.errors import LedgerSilent, MatapaloError, NotLeading

PATIENCE = 30.0
"""How long edges may take to obey a step, in seconds, unless told otherwise."""
_HEARTBEAT = 1.0
"""How often the ledger is asked whether it is there, in seconds."""


class Conductor:
    """Moves slices. What it knows is what the ledger and the edges say.

    Whatever needs the ledger raises NotLeading or LedgerSilent while this conductor does not lead.
    """

    def __init__(
        self,
        slices: Mapping[str, Slice],
        edges: Edges,
        ask: Ask,
        say: Say,
        *,
        data: Data | None = None,
        answers: Answers | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """`data` is the tables' hand; without it, slices with tables stay where they are."""
        self._slices = slices
        self._edges = edges
        self._ask = ask
        self._say = say
        self._data = data
        self._answers = answers
        self._patience = patience
        self._leads: _Leading | None = None
        self._standing: MatapaloError = LedgerSilent(
            "the conductor has not reached its ledger yet", hint="Ask again in a moment."
        )

    async def advance(self, order: Order) -> AsyncGenerator[Event, None]:
        """Move a slice forward, judging gates before every step; give events as they come.

        Close what this returns when nobody follows any more: a step that has begun goes on, and no
        further one begins. Raises UnknownSlice, MoveRefused or ConductorBusy at once, and
        GatesNotPassed, EdgeSilent or ConfigRejected among the events.
        """
        return self._reign().advance(order)

    async def back(self, order: Order) -> AsyncGenerator[Event, None]:
        """Move a slice back, gated by nothing. A move under way gives way to it.

        Raises as `advance` does, but for GatesNotPassed.
        """
        return await self._reign().back(order)

    async def explain(self, order: Order, *, forward: bool) -> tuple[Planned, ...]:
        """Return what a move would do, and change nothing. Raises as the move itself would."""
        return await self._reign().explain(order, forward=forward)

    async def slices(self) -> tuple[SliceView, ...]:
        """Return every slice of the blueprint, by name."""
        reign = self._reign()
        return tuple(await asyncio.gather(*(reign.slice(name) for name in sorted(self._slices))))

    async def slice(self, name: str) -> SliceView:
        """Return one slice. Raises UnknownSlice."""
        return await self._reign().slice(name)

    async def entries(
        self, *, slice_name: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[Entry, ...]:
        """Return the last entries of the ledger, in their order. Raises UnknownSlice."""
        reign = self._reign()
        if slice_name is not None:
            reign.known(slice_name)
        return await self._ledger().entries(slice_name=slice_name, after=after, limit=limit)

    async def approve(self, name: str, *, who: str, why: str) -> None:
        """Say yes to a slice's next step. Raises UnknownSlice."""
        await self._reign().approve(name, who, why)

    async def verify(self, name: str) -> Verified:
        """Compare the content of a slice's tables on both sides now.

        Raises UnknownSlice, CannotPin, and StreamError's other kinds.
        """
        self._reign().known(name)
        return await self._leading().observer.verify(name)

    async def passed(self, name: str, *, within: float) -> bool:
        """Whether all that is committed on the monolith now is on the new side in time."""
        self._reign().known(name)
        return self._data is not None and await self._data.passed(name, within=within)

    async def border(self, name: str) -> tuple[Crossing, ...]:
        """Return what crosses the border of a slice. Raises UnknownSlice."""
        self._reign().known(name)
        return await self._data.border(name) if self._data else ()

    def standing(self) -> MatapaloError | None:
        """Return why this conductor does not lead; nothing if it does."""
        return None if self._leads else self._standing

    async def run(self, ledger_url: str) -> None:
        """Lead whenever that is possible, until cancelled. Moves under way stay resumable."""
        await lead(ledger_url, self._rule, self._stand_by)

    async def settle(self, within: float) -> None:
        """Let steps under way end, no longer than `within` seconds, and begin no more."""
        if self._leads:
            await self._leads.reign.settle(within)

    def _leading(self) -> "_Leading":
        if self._leads is None:
            raise self._standing.with_traceback(None)
        return self._leads

    def _reign(self) -> Reign:
        return self._leading().reign

    def _ledger(self) -> Ledger:
        return self._leading().ledger

    def _stand_by(self, why: MatapaloError) -> None:
        if str(why) != str(self._standing):
            self._say(f"standing by: {why.what}")
        self._standing = why

    async def _rule(self, ledger: Ledger) -> None:
        """Lead until the session is lost."""
        await ledger.migrate()
        book = Book(ledger, self._edges, frozenset(self._slices), await ledger.entries())
        self._edges.expect(book.edges())
        observer = Observer(self._slices, self._data, book, self._say)
        sources = Sources(self._edges, self._ask, observer, self._answers)
        walker = Walker(
            self._slices,
            book,
            self._edges,
            sources,
            self._say,
            self._data,
            patience=self._patience,
        )
        reign = Reign(walker)
        self._leads = _Leading(ledger, reign, observer)
        self._say("leading")
        duties = [
            asyncio.create_task(duty) for duty in (reign.tend(), reign.watch(), observer.run())
        ]
        try:
            while True:
                await asyncio.wait(duties, timeout=_HEARTBEAT, return_when=FIRST_EXCEPTION)
                for duty in duties:
                    if duty.done():
                        duty.result()
                await ledger.lives()
        finally:
            self._leads = None
            for duty in duties:
                duty.cancel()
            await asyncio.wait(duties)
            await reign.break_off(_LOST)


@dataclass(frozen=True)
class _Leading:
    """What there is while this conductor leads."""

    ledger: Ledger
    reign: Reign
    observer: Observer


_LOST = NotLeading(
    "the conductor no longer leads", hint="A step that had begun goes on by itself once one does."
)
