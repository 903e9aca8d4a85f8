"""A leader's time: from the moment the lock is held until its session is lost.

It knows which slices are under way. One move a slice: a second one is refused, but for going back,
which takes the place of a move that is under way as soon as nothing is being written.
"""

import asyncio
from collections.abc import AsyncGenerator

from matapalo.blueprint import Slice
from matapalo.blueprint.nearest import nearest
from matapalo.conductor.events import Event, Planned
from matapalo.conductor.fold import OpenMove
from matapalo.conductor.journey import Journey, Walk
from matapalo.conductor.order import Order, departure, hindrance, path_back, path_forward
from matapalo.conductor.view import SliceView, view
from matapalo.conductor.walker import Walker, explained
from matapalo.conductor.way import Way
from matapalo.errors import ConductorBusy, MatapaloError, NotLeading, UnknownSlice

_TEND = 1.0
"""How often open moves are looked for, in seconds."""


class Reign:
    """What a leader does. See `Conductor` for what its methods promise."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._journeys: dict[str, Journey] = {}

    def advance(self, order: Order) -> AsyncGenerator[Event, None]:
        """Move a slice forward."""
        path = self._path(order, forward=True)
        walker = self._walker
        journey = self._set_out(
            order.slice, f"{order.who} advances it", lambda it: walker.forward(it, order, path)
        )
        return journey.follow()

    async def back(self, order: Order) -> AsyncGenerator[Event, None]:
        """Move a slice back, in the place of a move that is under way."""
        self._path(order, forward=False)
        if self._under_way(order.slice):
            journey = self._journeys[order.slice]
            await journey.give_way(ConductorBusy(f"{order.who} takes it back", where=order.slice))
        path = self._path(order, forward=False)
        walker = self._walker
        journey = self._set_out(
            order.slice, f"{order.who} takes it back", lambda it: walker.backward(it, order, path)
        )
        return journey.follow()

    async def explain(self, order: Order, *, forward: bool) -> tuple[Planned, ...]:
        """Return what a move would do, and change nothing."""
        name = order.slice
        told: list[Planned] = []
        path = self._path(order, forward=forward)
        starts = (departure(self._walker.state(name)), *path)
        for start, goal in zip(starts, path, strict=False):
            gated = forward and not told
            verdicts = (await self._walker.judged(name)).verdicts if gated else ()
            told.append(explained(self._walker.plan(name, start, goal), verdicts))
        return tuple(told)

    async def slice(self, name: str) -> SliceView:
        """Return one slice as people see it."""
        piece, walker = self.known(name), self._walker
        trouble = hindrance(piece)
        verdicts = () if trouble else (await walker.judged(name)).verdicts
        return view(
            name,
            piece,
            walker.state(name),
            totals=walker.edges.totals(name),
            verdicts=verdicts,
            hindrance=trouble,
        )

    def known(self, name: str) -> Slice:
        """Return a slice of the blueprint. Raises UnknownSlice."""
        slices = self._walker.slices
        if name in slices:
            return slices[name]
        raise UnknownSlice(f"no slice {name!r}", hint=nearest(name, slices, noun="slices"))

    async def tend(self) -> None:
        """Go on with moves that a crash or a silent edge left open, whenever all edges answer."""
        while True:
            await self._walker.edges.ready()
            for name, state in self._walker.book.world.slices.items():
                if state.move and name in self._walker.slices and not self._under_way(name):
                    self._resume(name, state.move)
            await asyncio.sleep(_TEND)

    async def settle(self, within: float) -> None:
        """Let steps under way end within so many seconds; what only waits ends at once."""
        journeys = [journey for journey in self._journeys.values() if not journey.over]
        for journey in journeys:
            journey.left.set()
            if journey.idle:
                await journey.stop(NotLeading("the conductor ends"))
        if journeys:
            await asyncio.wait([journey.task for journey in journeys], timeout=within)

    async def break_off(self, why: MatapaloError) -> None:
        """End every move where it is."""
        for journey in self._journeys.values():
            await journey.stop(why)

    def _path(self, order: Order, *, forward: bool) -> Way:
        piece = self.known(order.slice)
        state = self._walker.state(order.slice)
        return (path_forward if forward else path_back)(order, piece, state)

    def _under_way(self, name: str) -> bool:
        return name in self._journeys and not self._journeys[name].over

    def _set_out(self, name: str, text: str, walk: Walk) -> Journey:
        if self._under_way(name):
            raise ConductorBusy(
                f"another move is at work: {self._journeys[name].text}",
                where=name,
                hint="Wait until it has ended.",
            )
        journey = Journey(text, walk)
        self._journeys[name] = journey
        return journey

    def _resume(self, name: str, move: OpenMove) -> None:
        walker = self._walker
        self._set_out(name, f"it goes on to {move.goal}", lambda it: walker.resume(it, name, move))
