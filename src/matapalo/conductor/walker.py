"""Walking: an order's steps one after the other, gates judged before each.

for every position on the path: gates ─▶ Plan ─▶ Step ─▶ ledger ─▶ edges
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from matapalo.blueprint import Slice
from matapalo.conductor.acting import Acting
from matapalo.conductor.book import Book
from matapalo.conductor.data import Crossing, Data
from matapalo.conductor.edges import LIVE, Edges
from matapalo.conductor.entry import Facts
from matapalo.conductor.events import Planned, Waiting
from matapalo.conductor.fold import OpenMove, SliceState
from matapalo.conductor.journey import Journey
from matapalo.conductor.judging import Judged, Sources, judged
from matapalo.conductor.order import Order, departure
from matapalo.conductor.plan import (
    Plan,
    may_be_taken_back,
    plan,
    refuse_beyond_return,
    resumed,
    take_back,
)
from matapalo.conductor.stages import Position
from matapalo.conductor.step import Step
from matapalo.conductor.verdict import Outcome, Verdict, failed, passed
from matapalo.conductor.way import Way
from matapalo.errors import GatesNotPassed

_LOOK = 0.5
"""How often gates are judged again while a move waits for them, in seconds."""

Say = Callable[[str], None]
"""Tells whoever runs the conductor what happens, a line each time."""


@dataclass(frozen=True)
class Walker:
    """Takes slices along their ways, by one leader's book."""

    slices: Mapping[str, Slice]
    book: Book
    edges: Edges
    sources: Sources
    say: Say
    data: Data | None
    """The tables' hand; None where the conductor was told of no databases."""
    patience: float
    """How long edges may take to obey, in seconds."""

    def state(self, name: str) -> SliceState:
        """Return where a slice is."""
        return self.book.world.of(name)

    def plan(self, name: str, start: Position, goal: Position) -> Plan:
        """Return the plan of one step."""
        state, piece = self.state(name), self.slices[name]
        if state.move:
            refuse_beyond_return(piece, state.move)
            if may_be_taken_back(piece, state.move):
                return take_back(name, piece, max(state.move.start, state.move.goal), goal)
        return plan(name, piece, start, goal, state.position)

    async def judged(self, name: str) -> Judged:
        """Judge the gates that guard a slice's way on."""
        return await judged(name, self.slices[name], self.state(name), self.sources)

    async def forward(self, journey: Journey, order: Order, path: Way) -> None:
        """Walk a path of positions, gated."""
        for goal in path:
            step = self._step(journey, order, goal)
            judgement = await self._permitted(journey, order, step.plan)
            if judgement is None:
                return
            facts = Facts(
                verdicts=judgement.verdicts,
                forced=not passed(judgement.verdicts),
                monolith=judgement.monolith,
            )
            await self._take(journey, step, facts)

    async def backward(self, journey: Journey, order: Order, path: Way) -> None:
        """Walk a path of positions, gated by nothing."""
        for goal in path:
            if journey.left.is_set():
                return
            await self._take(journey, self._step(journey, order, goal), Facts())

    async def resume(self, journey: Journey, name: str, move: OpenMove) -> None:
        """Go on with an open move."""
        planned = resumed(name, self.slices[name], move, self.state(name).position)
        step = self._made(journey, planned, move.who, "")
        self.say(f"{name}: goes on to {move.goal}")
        await step.resume(move)
        self._begin_anew(name)
        self.say(f"{name}: {move.goal}")

    def _step(self, journey: Journey, order: Order, goal: Position) -> Step:
        planned = self.plan(order.slice, departure(self.state(order.slice)), goal)
        return self._made(journey, planned, order.who, order.why)

    def _made(self, journey: Journey, planned: Plan, who: str, why: str) -> Step:
        return Step(
            planned,
            who,
            why,
            self.book,
            self.edges,
            Acting(self.data),
            journey,
            self.say,
            patience=self.patience,
            hold=self.slices[planned.slice].hold,
        )

    async def _take(self, journey: Journey, step: Step, facts: Facts) -> None:
        """Take a step, unless there is no edge at all to take it with."""
        with journey.waiting():
            await self.edges.some(within=LIVE)
        journey.tell(explained(step.plan, facts.verdicts, forced=facts.forced))
        await step.begin(facts)
        self._begin_anew(step.plan.slice)
        self.say(f"{step.plan.slice}: {step.plan.goal}, by {step.who}")

    def _begin_anew(self, name: str) -> None:
        if self.sources.answers:
            self.sources.answers.begin(name)

    async def _permitted(self, journey: Journey, order: Order, step: Plan) -> Judged | None:
        """Return the gates' word once it lets the step begin; None if nobody waits any more.

        Raises GatesNotPassed where a gate fails, or too little is known when the time is over.
        """
        deadline = time.monotonic() + order.wait
        while not journey.left.is_set():
            with journey.waiting():
                judgement = await self.judged(order.slice)
            if passed(judgement.verdicts) or order.force:
                return judgement
            left = deadline - time.monotonic()
            if failed(judgement.verdicts) or left <= 0:
                raise _not_passed(step, judgement.verdicts)
            journey.tell(_waiting(step, judgement.verdicts, left))
            with journey.waiting():
                await asyncio.sleep(min(_LOOK, left))
        return None


def explained(
    step: Plan,
    verdicts: tuple[Verdict, ...] = (),
    *,
    forced: bool = False,
    crossings: tuple[Crossing, ...] = (),
) -> Planned:
    """Return a plan as people read it."""
    return Planned(
        slice=step.slice,
        start=step.start,
        goal=step.goal,
        actions=tuple(action.text for action in step.actions),
        weighty=step.weighty,
        verdicts=verdicts,
        forced=forced,
        crossings=crossings,
    )


def _waiting(step: Plan, verdicts: tuple[Verdict, ...], left: float) -> Waiting:
    return Waiting(slice=step.slice, goal=step.goal, verdicts=verdicts, left=left)


def _not_passed(step: Plan, verdicts: tuple[Verdict, ...]) -> GatesNotPassed:
    said = "; ".join(
        f"{verdict.name} {'failed' if verdict.outcome is Outcome.FAIL else 'unclear'}"
        f" ({verdict.why})"
        for verdict in verdicts
        if verdict.outcome is not Outcome.PASS
    )
    return GatesNotPassed(
        f"the gates from {step.start} to {step.goal} are not passed: {said}",
        where=step.slice,
        hint="Wait for more traffic with --wait SECONDS, or override with --force --why TEXT.",
    )
