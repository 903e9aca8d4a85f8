"""One step of one slice: a plan carried out, the ledger written before and after every action.

    move begun ─▶ action 1 begun ─▶ … ─▶ action 1 done ─▶ … ─▶ move done
         ╰── a crash anywhere: `resume` goes on from the first action that is not done

An edge that refuses ends the step: the former split takes force with the entry that says so. An
edge that is silent leaves the step open, to go on or to be taken back.
"""

import time
from dataclasses import dataclass

from matapalo.conductor.book import Book
from matapalo.conductor.entry import Draft, Entry, Facts, Kind, State
from matapalo.conductor.events import Acted, Arrived
from matapalo.conductor.fold import OpenMove
from matapalo.conductor.journey import Journey
from matapalo.conductor.plan import Action, Do, Plan
from matapalo.conductor.traffic import Traffic
from matapalo.errors import ConfigRejected, EdgeSilent


@dataclass(frozen=True)
class Step:
    """A plan, who wants it, and what carries it out."""

    plan: Plan
    who: str
    why: str
    book: Book
    traffic: Traffic
    journey: Journey
    patience: float
    """How long edges may take to obey, in seconds."""

    async def begin(self, facts: Facts) -> None:
        """Carry the plan out from its beginning. `facts` say what the move rests on."""
        facts = facts.model_copy(update={"start": self.plan.start, "goal": self.plan.goal})
        text = f"{self.plan.start} → {self.plan.goal}"
        entry = await self._write("move", "begun", move=None, text=text, facts=facts)
        await self._go_on(entry.id, done=0)

    async def resume(self, move: OpenMove) -> None:
        """Carry on with a move that was begun before."""
        await self._go_on(move.id, move.done)

    async def _go_on(self, move: int, done: int) -> None:
        began = time.monotonic()
        for action in self.plan.actions[done:]:
            await self._act(move, action)
        await self._write("move", "done", move=move, text=str(self.plan.goal))
        self.journey.tell(
            Arrived(
                slice=self.plan.slice,
                position=self.plan.goal,
                seconds=time.monotonic() - began,
            )
        )

    async def _act(self, move: int, action: Action) -> None:
        began = time.monotonic()
        if action.do is Do.DIVIDE:
            await self._note(move, action, "begun", Facts(split=self.plan.split))
            facts = Facts()
        else:
            await self._note(move, action, "begun")
            await self._acknowledged(move, action)
            facts = Facts(counts=self.traffic.counts(self.plan.slice))
        await self._note(move, action, "done", facts)
        seconds = time.monotonic() - began
        self.journey.tell(
            Acted(slice=self.plan.slice, number=action.number, text=action.text, seconds=seconds)
        )

    async def _acknowledged(self, move: int, action: Action) -> None:
        try:
            version = self.book.world.of(self.plan.slice).version
            with self.journey.waiting():
                await self.traffic.acknowledged(version, within=self.patience)
        except EdgeSilent as error:
            await self._note(move, action, "failed", Facts(trouble=str(error)))
            raise
        except ConfigRejected as error:
            facts = Facts(split=self.plan.former, trouble=str(error))
            text = f"{self.plan.start}, as before"
            await self._write("move", "failed", move=move, text=text, facts=facts)
            raise

    async def _note(
        self, move: int, action: Action, state: State, facts: Facts | None = None
    ) -> None:
        await self._write(
            "action", state, move=move, text=action.text, facts=facts, number=action.number
        )

    async def _write(
        self,
        kind: Kind,
        state: State,
        *,
        move: int | None,
        text: str,
        facts: Facts | None = None,
        number: int = 0,
    ) -> Entry:
        return await self.book.write(
            Draft(
                slice=self.plan.slice,
                who=self.who,
                why=self.why,
                kind=kind,
                move=move,
                action=number,
                state=state,
                text=text,
                facts=facts or Facts(),
            )
        )
