"""One step of one slice: a plan carried out, the ledger written before and after every action.

    move begun ─▶ action 1 begun ─▶ … ─▶ action 1 done ─▶ … ─▶ move done
         ╰── a crash anywhere: `resume` goes on from the first action that is not done

What fails before the point of no return is taken back: the former split takes force with the entry
that says so, once the tables are open again for who had them. From there on a step is finished,
however often that has to be tried. An edge that is silent leaves the step open.

That an action is done is written together with the next thing that has to be on disk: while writes
wait, every write of the ledger is time that customers wait too. What is lost by that in a crash is
done again.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from matapalo.conductor.acting import Acting
from matapalo.conductor.book import Book
from matapalo.conductor.entry import Draft, Entry, Facts, Kind, Mark, State
from matapalo.conductor.events import Acted, Arrived
from matapalo.conductor.fold import OpenMove
from matapalo.conductor.journey import Journey
from matapalo.conductor.plan import Action, Do, Plan, owner
from matapalo.conductor.traffic import Traffic
from matapalo.errors import (
    ConfigRejected,
    DatabaseSilent,
    EdgeSilent,
    MatapaloError,
    StreamError,
    SwitchUnready,
)

_AGAIN = 0.2
"""Seconds until something is tried again that has to be."""
_MARGIN = 0.2
"""The share of a hold that must be left when the other side is opened: who waits has to get
through before the hold is over."""
_RESTORE = 60.0
"""How long the former owner's tables are tried to be opened, in seconds."""


@dataclass
class Step:
    """A plan, who wants it, and what carries it out."""

    plan: Plan
    who: str
    why: str
    book: Book
    traffic: Traffic
    acting: Acting
    journey: Journey
    say: Callable[[str], None]
    patience: float
    """How long edges may take to obey, in seconds."""
    hold: float
    """How long writes may wait, in seconds."""
    _move: int = 0
    _turn: int = 0
    """The number of the last entry that was written: see `Data` on turns."""
    _unwritten: list[Draft] = field(default_factory=list)
    _held_at: float | None = None
    _marks: list[Mark] = field(default_factory=list)

    async def begin(self, facts: Facts) -> None:
        """Carry the plan out from its beginning. `facts` say what the move rests on."""
        about = {"start": self.plan.start, "goal": self.plan.goal, "undo": self.plan.undo}
        facts = facts.model_copy(update=about)
        text = f"{self.plan.start} → {self.plan.goal}"
        entry = await self.book.write(self._draft("move", "begun", text, facts))
        self._move = self._turn = entry.id
        await self._go_on(done=0)

    async def resume(self, move: OpenMove) -> None:
        """Carry on with a move that was begun before, or take it back if its hold is over."""
        self._move = move.id
        if move.held is not None:
            self._held_at = time.monotonic() - (datetime.now(UTC) - move.held).total_seconds()
        # A turn of its own: what the conductor before this one may still do comes too late.
        action = self.plan.actions[min(move.done, len(self.plan.actions) - 1)]
        await self._write(self._about(action, "resumed", Facts()))
        if self._is_safe(move.begun) and self._held_at is not None and self._left() <= 0:
            await self._restore(SwitchUnready("writes had waited too long when it was resumed"))
            return
        await self._go_on(move.done)

    async def _go_on(self, done: int) -> None:
        began = time.monotonic()
        remains: tuple[str, ...] = ()
        for action in self.plan.actions[done:]:
            try:
                remains = await self._act(action) or remains
            except (StreamError, SwitchUnready, EdgeSilent, ConfigRejected) as error:
                await self._failed(action, error)
                raise
        facts = Facts(timeline=tuple(self._marks), remains=remains)
        await self._write(self._draft("move", "done", str(self.plan.goal), facts))
        self.journey.tell(
            Arrived(
                slice=self.plan.slice,
                position=self.plan.goal,
                seconds=time.monotonic() - began,
                timeline=tuple(self._marks),
                remains=remains,
            )
        )

    async def _act(self, action: Action) -> tuple[str, ...]:
        began = time.monotonic()
        await self._begun(action)
        remains = await self._done(action)
        anew = action.do in {Do.ACKNOWLEDGE, Do.RELEASE}
        facts = Facts(counts=self.traffic.counts(self.plan.slice) if anew else None)
        self._later(self._about(action, "done", facts))
        if not self._is_held(action):
            await self._write()
        self._mark(action)
        seconds = time.monotonic() - began
        self.journey.tell(
            Acted(slice=self.plan.slice, number=action.number, text=action.text, seconds=seconds)
        )
        return remains

    async def _begun(self, action: Action) -> None:
        """Say that it begins. That the tables are being closed need not be on disk before: whoever
        goes on, or takes it back, does so as if they were.
        """
        draft = self._about(action, "begun", Facts(split=action.split))
        if action.do is Do.SEAL:
            self._later(draft)
            return
        if action.do is Do.OPEN and self._held_at is not None and self._left() <= 0:
            raise SwitchUnready(
                f"writes have waited for {time.monotonic() - self._held_at:.1f} s, too long",
                where=self.plan.slice,
                hint="Nothing has changed. See what took so long in the ledger, and try again.",
            )
        await self._write(draft)
        if action.do is Do.HOLD:
            self._held_at = time.monotonic()

    async def _done(self, action: Action) -> tuple[str, ...]:
        match action.do:
            case Do.DIVIDE:
                pass
            case Do.ACKNOWLEDGE | Do.RELEASE:
                await self._acknowledged(self.patience)
            case Do.PROVE:
                await self._with_data(action)
                await self._acknowledged(self.patience)
            case Do.HOLD:
                await self._acknowledged(self._left())
            case Do.OPEN:
                await self._opened()
            case Do.SEAL:
                await self.acting.seal(self.plan, turn=self._turn, within=self._left())
            case _:
                return await self._with_data(action)
        return ()

    async def _with_data(self, action: Action) -> tuple[str, ...]:
        """What takes its time, and holds nobody up."""
        with self.journey.waiting():
            return await self.acting.do(action.do, self.plan, within=self.patience)

    async def _acknowledged(self, within: float) -> None:
        version = self.book.world.of(self.plan.slice).version
        if self._held_at is not None:
            await self.traffic.acknowledged(version, within=within)
            return
        with self.journey.waiting():
            await self.traffic.acknowledged(version, within=within)

    async def _opened(self) -> None:
        """Open the new owner's tables, however long that takes: the old one's are closed."""
        while True:
            try:
                return await self.acting.open(self.plan, owner(self.plan.goal), turn=self._turn)
            except SwitchUnready:
                raise
            except StreamError as error:
                self.say(f"{self.plan.slice}: {error.what}; tries again")
                await asyncio.sleep(_AGAIN)

    # What fails.

    async def _failed(self, action: Action, error: MatapaloError) -> None:
        """Take back what can be taken back; leave open what has to go on."""
        stays = isinstance(error, EdgeSilent) and not self.plan.switches
        if stays or not self._is_safe(self._last_begun()):
            await self._write(self._about(action, "failed", Facts(trouble=str(error))))
            return
        if isinstance(error, EdgeSilent):
            error.hint = "Everything is as before. See what the edge is at, and try again."
        await self._restore(error)

    async def _restore(self, error: MatapaloError) -> None:
        """Let the former owner go on, and say so."""
        if self._held_at is not None:
            # In a turn of its own: closing, given up, may be on its way to the database yet.
            action = self.plan.actions[max(0, self._last_begun() - 1)]
            await self._write(self._about(action, "failed", Facts(trouble=str(error))))
            await self._reopened()
        changed = self.book.world.of(self.plan.slice).split != self.plan.former
        facts = Facts(
            split=self.plan.former if changed else None,
            trouble=str(error),
            timeline=tuple(self._marks),
        )
        await self._write(self._draft("move", "failed", f"{self.plan.start}, as before", facts))
        self.say(f"{self.plan.slice}: {self.plan.start} as before: {error.what}")

    async def _reopened(self) -> None:
        deadline = time.monotonic() + _RESTORE
        while True:
            try:
                return await self.acting.open(self.plan, self.plan.owner, turn=self._turn)
            except DatabaseSilent:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_AGAIN)

    def _last_begun(self) -> int:
        move = self.book.world.of(self.plan.slice).move
        return move.begun if move else 0

    def _is_safe(self, begun: int) -> bool:
        """Whether it can still be taken back."""
        last = self.plan.point_of_no_return
        return not last or begun < last

    def _left(self) -> float:
        """How long writes may go on waiting until the other side is opened, in seconds."""
        held = self._held_at if self._held_at is not None else time.monotonic()
        return self.hold * (1 - _MARGIN) - (time.monotonic() - held)

    def _is_held(self, action: Action) -> bool:
        """Whether writes wait once the action is done."""
        return action.do in {Do.HOLD, Do.SEAL, Do.OPEN}

    def _mark(self, action: Action) -> None:
        if self._held_at is not None:
            ms = round(1000 * (time.monotonic() - self._held_at), 2)
            self._marks.append(Mark(what=action.do.value, ms=ms))

    # What is written.

    def _later(self, draft: Draft) -> None:
        self._unwritten.append(draft)

    async def _write(self, *drafts: Draft) -> Entry | None:
        every = (*self._unwritten, *drafts)
        self._unwritten.clear()
        if not every:
            return None
        entry = await self.book.write(*every)
        self._turn = entry.id
        return entry

    def _about(self, action: Action, state: State, facts: Facts) -> Draft:
        return self._draft("action", state, action.text, facts, number=action.number)

    def _draft(self, kind: Kind, state: State, text: str, facts: Facts, number: int = 0) -> Draft:
        begins = kind == "move" and state == "begun"
        return Draft(
            slice=self.plan.slice,
            who=self.who,
            why=self.why,
            kind=kind,
            move=None if begins else self._move,
            action=number,
            state=state,
            text=text,
            facts=facts,
        )
