"""A leader's time: from the moment the lock is held until its session is lost.

It knows which slices are under way. One move a slice: a second one is refused, but for going back,
which takes the place of a move that is under way as soon as nothing is being written.
"""

import asyncio
from collections.abc import AsyncGenerator

from matapalo.blueprint import Slice
from matapalo.blueprint.nearest import nearest
from matapalo.conductor.data import Crossing
from matapalo.conductor.entry import Draft, Facts
from matapalo.conductor.events import Event, Planned
from matapalo.conductor.fold import OpenMove
from matapalo.conductor.journey import Journey, Walk
from matapalo.conductor.order import Order, departure, path_back, path_forward
from matapalo.conductor.plan import Plan
from matapalo.conductor.stages import Stage
from matapalo.conductor.verdict import Outcome
from matapalo.conductor.view import SliceView, view
from matapalo.conductor.walker import Walker, explained
from matapalo.conductor.way import Way, way
from matapalo.errors import (
    ConductorBusy,
    MatapaloError,
    MoveRefused,
    NotLeading,
    UnknownSlice,
)

_TEND = 1.0
"""How often open moves are looked for, in seconds."""
_BREACHES = 3
"""So many looks in a row a gate has to fail before readers go back."""


def _before_reading(piece: Slice) -> str:
    """Return the last stage of a slice's way in which nobody reads from the new side."""
    return [at for at in way(piece) if at.stage.rank < Stage.READING.rank][-1].stage.value


class Reign:
    """What a leader does. See `Conductor` for what its methods promise."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._journeys: dict[str, Journey] = {}
        self._breaches: dict[str, int] = {}
        """How often in a row a gate has failed that lets users read from the new side."""

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
            plan = self._walker.plan(name, start, goal)
            told.append(explained(plan, verdicts, crossings=await self._crossings(plan)))
        return tuple(told)

    async def _crossings(self, plan: Plan) -> tuple[Crossing, ...]:
        """Return what crosses the slice's border, before its tables begin to move."""
        begins = plan.start < plan.goal and plan.goal.stage is Stage.COPYING
        data = self._walker.data
        return await data.border(plan.slice) if begins and data else ()

    async def slice(self, name: str) -> SliceView:
        """Return one slice as people see it."""
        piece, walker = self.known(name), self._walker
        tables = walker.sources.observer.seen(name)
        return view(
            name,
            piece,
            walker.state(name),
            totals=walker.edges.totals(name),
            verdicts=(await walker.judged(name)).verdicts,
            hindrance=self._hindrance(piece),
            refused=tables.state.refused if tables else None,
        )

    def known(self, name: str) -> Slice:
        """Return a slice of the blueprint. Raises UnknownSlice."""
        slices = self._walker.slices
        if name in slices:
            return slices[name]
        raise UnknownSlice(f"no slice {name!r}", hint=nearest(name, slices, noun="slices"))

    async def tend(self) -> None:
        """Go on with moves that a crash or a silent edge left open.

        All edges have to answer before one goes on, unless it has writes wait.
        """
        while True:
            ready = await self._walker.edges.ready(within=_TEND)
            for name, state in self._walker.book.world.slices.items():
                known = name in self._walker.slices and not self._under_way(name)
                if known and state.move and (ready or state.move.held):
                    self._resume(name, state.move)
            await asyncio.sleep(_TEND)

    async def watch(self) -> None:
        """Take readers back where a gate fails, again and again, that did not when they came."""
        while True:
            for name, piece in self._walker.slices.items():
                await self._watch_over(name, piece)
            await asyncio.sleep(_TEND)

    async def _watch_over(self, name: str, piece: Slice) -> None:
        state = self._walker.state(name)
        if state.position.stage is not Stage.READING or state.move or self._under_way(name):
            self._breaches.pop(name, None)
            return
        verdicts = (await self._walker.judged(name)).verdicts
        failing = [v for v in verdicts if v.outcome is Outcome.FAIL and v.name not in state.waived]
        looks = self._breaches[name] = self._breaches.get(name, 0) + 1 if failing else 0
        if looks < _BREACHES or self._under_way(name):
            return
        self._breaches[name] = 0
        why = "; ".join(f"{verdict.name} failed: {verdict.why}" for verdict in failing)
        self._walker.say(f"{name}: {why}")
        if piece.on_breach == "back":
            self._send_back(name, why)

    def _send_back(self, name: str, why: str) -> None:
        order = Order(slice=name, to=_before_reading(self.known(name)), who="matapalo", why=why)
        path, walker = self._path(order, forward=False), self._walker
        self._set_out(
            name, "a gate failed: it goes back", lambda it: walker.backward(it, order, path)
        )

    async def approve(self, name: str, who: str, why: str) -> None:
        """Write down that a person says yes to a slice's next step."""
        self.known(name)
        text = "the next step is approved"
        facts = Facts(approved=True)
        await self._walker.book.write(
            Draft(
                slice=name, who=who, why=why, kind="finding", state="done", text=text, facts=facts
            )
        )

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
        if hindrance := self._hindrance(piece):
            raise MoveRefused(hindrance, where=order.slice, hint="Give the conductor --databases.")
        state = self._walker.state(order.slice)
        return (path_forward if forward else path_back)(order, piece, state)

    def _hindrance(self, piece: Slice) -> str:
        """Return why a slice cannot move at all; nothing if it can."""
        if piece.tables and self._walker.data is None:
            return "the conductor was told of no databases, and it has tables"
        return ""

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
