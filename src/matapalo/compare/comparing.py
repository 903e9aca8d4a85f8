"""Comparing: one copy, asked of both sides until it is certain whether they differ.

    monolith ─▶ pause ─▶ new ─▶ monolith      pause: none, 0.3, 1, 2.5 s
        equal once                        ─▶ equal
        different each time               ─▶ different: the last time's differences
        a time-out of the new side        ─▶ different: no lag excuses it
        the monolith fails, or wavers     ─▶ skipped

The new side's tables lag behind the monolith's. The pause lies between the monolith's first answer
and the new side's, so that what the first one showed has had time to arrive; what changed since
then shows in the monolith's second answer, and is noise.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from matapalo.blueprint import Slice
from matapalo.compare import masking
from matapalo.compare.answers import Answer, Measure, compare
from matapalo.compare.asking import Failure, Side
from matapalo.compare.copy import Copy, named, route_of
from matapalo.compare.found import Found
from matapalo.compare.report import Skip
from matapalo.compare.room import Lease, NoRoom, Room
from matapalo.compare.tally import Tally

PAUSES = (0.0, 0.3, 1.0, 2.5)
"""Seconds in which the new side may catch up, each time that it is asked."""
ASKING = 8
"""Questions of one slice in flight at once."""
LOOKED_AT = 100
"""Differences of one answer that are looked at."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Whom a slice's copies are asked of."""

    monolith: Side
    new: Side


class Comparing:
    """Compares the copies of one slice; at most `most` at once, others are skipped."""

    def __init__(
        self,
        *,
        piece: Slice,
        measure: Measure,
        sides: Sides,
        room: Room,
        most: int,
        news: Callable[[], None],
    ) -> None:
        self.tally = Tally()
        self._piece = piece
        self._measure = measure
        self._sides = sides
        self._room = room
        self._most = most
        self._news = news
        self._turn = asyncio.Semaphore(ASKING)
        self._jobs: set[asyncio.Task[None]] = set()

    def take(self, copy: Copy) -> None:
        """Compare a copy later, if there is room for one more; return at once."""
        if len(self._jobs) >= self._most:
            self.skip("behind")
            return
        job = asyncio.create_task(self._compare(copy))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    def skip(self, why: Skip) -> None:
        """Count a copy that is not compared."""
        self.tally.skip(why)
        self._news()

    async def end(self) -> None:
        """Give up what is at work."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _compare(self, copy: Copy) -> None:
        for pause in PAUSES:
            if await self._settles(copy, pause, last=pause == PAUSES[-1]):
                return

    async def _settles(self, copy: Copy, pause: float, *, last: bool) -> bool:
        """Try once more; an attempt that is not the last word leaves nothing behind."""
        with self._room.lease() as lease:
            try:
                outcome = await self._attempt(copy, pause, lease)
            except NoRoom:
                outcome = "behind"
            if isinstance(outcome, str):
                self.skip(outcome)
            elif last or not outcome or outcome[0].kind == "timeout":
                self._count(copy, outcome)
            else:
                return False
        return True

    async def _attempt(self, copy: Copy, pause: float, lease: Lease) -> list[Found] | Skip:
        async with self._turn:
            one = await self._sides.monolith.ask(copy, lease)
        if isinstance(one, Failure):
            return "monolith"
        await asyncio.sleep(pause)
        async with self._turn:
            new = await self._sides.new.ask(copy, lease)
            if isinstance(new, Failure):
                return [Found(new.kind, "", one.status, new.why)]
            two = await self._sides.monolith.ask(copy, lease)
        return self._difference(one, new, two)

    def _difference(self, one: Answer, new: Answer, two: Answer | Failure) -> list[Found] | Skip:
        if isinstance(two, Failure):
            return "monolith"
        if one.status != two.status:
            return "unsteady"
        found = compare(one, new, two, self._measure)
        return [*islice(found, LOOKED_AT)]

    def _count(self, copy: Copy, found: list[Found]) -> None:
        route, show = route_of(self._piece, copy.method, copy.path), self._piece.show_values
        asked = masking.request(copy.method, copy.target, route, show=show)
        self.tally.count(
            (
                (named(copy.method, route), one.kind, masking.grouped(one.place)),
                masking.example(one, asked, show=show),
            )
            for one in found
        )
        self._news()
