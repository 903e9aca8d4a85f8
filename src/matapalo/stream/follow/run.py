"""One run: from connecting both ends to the first thing that fails, or to the end."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from matapalo.stream.apply import Applied, Applier, Packer, Parcel
from matapalo.stream.follow.orders import Orders
from matapalo.stream.follow.outbox import Outbox
from matapalo.stream.follow.planner import Planner
from matapalo.stream.follow.state import Phase, State
from matapalo.stream.follow.task import Task
from matapalo.stream.follow.worker import Worker
from matapalo.stream.lsn import BEGINNING, Lsn
from matapalo.stream.pgoutput import Decoder
from matapalo.stream.wire import Start, Wire

Tell = Callable[[State], None]

_CONFIRM = 0.2
"""Seconds between two confirmations; without any, the source ends the session after a minute."""
_TELL = 1.0
_NOTE = 10.0
"""Seconds after which a position is noted that was reached without any row."""
_PATIENCE = 0.1


@dataclass(slots=True)
class _Clock:
    """When regular things were last done."""

    confirmed: float = 0
    told: float = 0
    noted: float = 0


class Run:
    """One run of a stream."""

    def __init__(self, task: Task, orders: Orders, tell: Tell) -> None:
        self.applied = Applied(BEGINNING)
        """What was applied last, as far as it is known."""
        self._task = task
        self._orders = orders
        self._tell = tell
        self._planner = Planner(
            task.source, task.target, task.mapper, sources=task.sources, targets=task.targets
        )
        self._decoder = Decoder(task.stream.opposite.on_server)
        self._outbox = Outbox(self._decoder, Packer(self._planner.plan), task.batch)
        self._kept = BEGINNING
        self._clock = _Clock(noted=time.monotonic())
        self._told: State | None = None

    def run(self) -> None:
        """Follow until told to stop. Raises whatever ends it otherwise."""
        task = self._task
        self._planner.look()
        with Applier(
            task.target, task.stream, binary=self._planner.binary, hear=task.hear
        ) as applier:
            try:
                self._follow(
                    applier, Start(task.stream, applier.applied.position, self._planner.binary)
                )
            finally:
                self.applied = applier.applied

    def _follow(self, applier: Applier, start: Start) -> None:
        with Wire(self._task.source, start) as wire, Worker(applier, wire.wake) as worker:
            self._orders.waking(wire.wake)
            try:
                while not self._at_the_end(worker):
                    self._turn(wire, worker)
                self._finish(wire, worker)
            finally:
                self._orders.waking(None)

    def _turn(self, wire: Wire, worker: Worker) -> None:
        """Read what has come, and hand on what is complete."""
        if self._outbox.full:
            wire.rest(_PATIENCE)
        else:
            self._decoder.feed(wire.read(_PATIENCE))
        unfinished = worker.unfinished
        self.applied = worker.applied
        work = self._work(unfinished)
        if work is not None:
            worker.give(work)
        free = work is None and not unfinished
        self._confirm(wire, free=free)
        self._say(free=free)

    def _work(self, unfinished: int) -> Parcel | Lsn | None:
        """Return what the worker is to do next; while it is busy, one large thing ahead."""
        if unfinished > (1 if self._outbox.full else 0):
            return None
        parcel = self._outbox.next(self._orders.limit)
        if parcel is not None or unfinished or not self._note_is_due(self.applied.position):
            return parcel
        return self._decoder.received

    def _note_is_due(self, applied: Lsn) -> bool:
        """Whether others should see that nothing has come for a while."""
        now = time.monotonic()
        if now - self._clock.noted < _NOTE or self._decoder.waiting:
            return False
        self._clock.noted = now
        return self._decoder.received > applied

    def _confirm(self, wire: Wire, *, free: bool) -> None:
        applied = self.applied.position
        if free and not self._decoder.waiting:
            applied = max(applied, self._decoder.received)
        self._kept = max(self._kept, applied)
        now = time.monotonic()
        if self._decoder.answer_wanted or now - self._clock.confirmed >= _CONFIRM:
            self._clock.confirmed = now
            self._decoder.answer_wanted = False
            wants = self._orders.limit is not None and not self._stands(free=free)
            wire.confirm(self._decoder.received, self._kept, answer=wants)

    def _stands(self, *, free: bool) -> bool:
        """Whether nothing more may be applied."""
        limit = self._orders.limit
        if not free or limit is None:
            return False
        return limit == 0 or self._decoder.passed(limit)

    def _at_the_end(self, worker: Worker) -> bool:
        if self._orders.stopping:
            return True
        return self._orders.stops_at_limit and self._stands(free=worker.free)

    def _finish(self, wire: Wire, worker: Worker) -> None:
        while not worker.free:
            wire.rest(_PATIENCE)
        self.applied = worker.applied
        self._kept = max(self._kept, worker.applied.position)
        wire.confirm(self._decoder.received, self._kept)

    def _say(self, *, free: bool) -> None:
        stands = self._stands(free=free)
        state = State(
            phase=Phase.HELD if stands else Phase.FOLLOWING,
            applied=self.applied,
            received=self._decoder.received,
            kept=self._kept,
            limit=self._orders.limit if stands else None,
        )
        now = time.monotonic()
        news = self._told is None or (state.phase, state.limit) != (
            self._told.phase, self._told.limit,
        )  # fmt: skip
        if news or now - self._clock.told >= _TELL:
            self._clock.told, self._told = now, state
            self._tell(state)
