"""Until when the new side has what was written: asked again and again while users are marked.

    our clock: now ─▶ "has it passed?" ─▶ conductor ─▶ yes: everything answered before now is there

A user whose mark is older than that reads by his share again. Nobody answers: whoever is marked
goes on to read from the monolith, and all others as before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from matapalo.edge.standing import Moment
from matapalo.edge.standings import Standings, moment
from matapalo.errors import ConductorSilent

PAUSE = 0.1
"""Seconds between two questions about one slice, at least."""
LONGEST = 2.0
"""Seconds between two questions that nobody answers, at most."""
LOOK = 0.05
"""Seconds between two looks at which slices have users who are marked."""

Ask = Callable[[str], Awaitable[bool]]


class OwnWrites:
    """Keeps the standings of one edge current. `ask` raises ConductorSilent."""

    def __init__(self, standings: Standings, ask: Ask) -> None:
        self._standings = standings
        self._ask = ask
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def follow(self) -> None:
        """For ever: one question at a time for every slice whose users are marked."""
        async with asyncio.TaskGroup() as questions:
            while True:
                for name in self._standings.marking():
                    if name not in self._asking or self._asking[name].done():
                        self._asking[name] = questions.create_task(self._follow(name))
                await asyncio.sleep(LOOK)

    async def _follow(self, name: str) -> None:
        silent = 0
        while name in self._standings.marking():
            try:
                at = await self._passed(name)
            except ConductorSilent:
                silent += 1
                await asyncio.sleep(min(LONGEST, PAUSE * 2**silent))
                continue
            silent = 0
            if at is not None:
                self._standings.passed(name, at)
            await asyncio.sleep(PAUSE)

    async def _passed(self, name: str) -> Moment | None:
        asked, began = moment(), time.monotonic()
        if not await self._ask(name):
            return None
        # A clock that was set back meanwhile gives later marks an earlier time.
        return min(asked, moment() - int((time.monotonic() - began) * 1000) - 1)
