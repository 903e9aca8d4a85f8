"""A storm: every few seconds a random process is killed (SIGKILL), and comes back by itself.

    system ──▶ a process that runs ──SIGKILL──▶ Outage ──▶ is it well again? ──▶ its end

Requests need some processes and not others. One that failed while a process that it needs was away
is excused; conductor, agents, streams and the comparison are needed by none, so that nothing
excuses what fails when they are killed. One exception is said by name: a write that waited in a
switch whose conductor, agent, stream or database was killed may be told to come again (503) when
its hold is over: that is what a hold promises.
"""

import asyncio
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Self

import aiohttp
import psutil

from matapalo.demo.errands import LOGIN
from matapalo.demo.tally import Seen
from matapalo.errors import LocalError
from matapalo.local import System

ENVOY = "envoy"
PAUSE = (2.0, 5.0)
"""Seconds between two kills."""
LOOK = 0.1
"""Seconds between two looks whether a process is well again."""
AFTERMATH = 3.0
"""Seconds after which whoever uses a process has found out that it is another one."""
SERVERS = {
    "statements": frozenset({"accounts/statements"}),
    "limits": frozenset({"payments/limits"}),
    "payments": frozenset({"payments/pay", "ledger"}),
}
"""Who answers for a slice, besides those that answer for everything."""
EVERYTHING = frozenset({ENVOY, "monolith", "monolith-db"})
SWITCHING = frozenset({"conductor", "edge", "ledger", "monolith-db"})
"""Whoever takes part in a switch, besides the streams."""
UNAVAILABLE = 503


@dataclass
class Outage:
    """A process that was killed."""

    name: str
    began: float
    """A monotonic clock's time, in seconds."""
    ended: float | None = None
    """When it was well again."""

    def meets(self, seen: Seen) -> bool:
        """Whether a request was under way meanwhile, or shortly after."""
        over = self.ended is not None and seen.began > self.ended + AFTERMATH
        return not over and seen.began + seen.seconds >= self.began


def needs(seen: Seen) -> frozenset[str]:
    """Return the processes without which a request cannot be answered."""
    asks = frozenset() if seen.path == LOGIN else frozenset({"authorizer"})
    return EVERYTHING | asks | SERVERS.get(seen.slice or "", frozenset())


def excused(seen: Seen, outages: Iterable[Outage], hold: float) -> bool:
    """Return whether a request failed because whoever answers it was killed.

    `hold` is for how long a write may wait at a switch, in seconds.
    """
    met = {outage.name for outage in outages if outage.meets(seen)}
    held = seen.work == "write" and seen.status == UNAVAILABLE and seen.seconds >= hold / 2
    switching = any(name in SWITCHING or name.startswith("stream.") for name in met)
    return bool(met & needs(seen)) or (held and switching)


class Storm:
    """An async context manager: it rages inside the block, unless it rests."""

    def __init__(self, system: System, seed: int | None = None) -> None:
        self._system = system
        self._random = Random(seed)  # noqa: S311 - it draws victims, no secrets
        self._raging: asyncio.Task[None] | None = None
        self._watching: set[asyncio.Task[None]] = set()
        self.outages: list[Outage] = []

    async def __aenter__(self) -> Self:
        self._raging = asyncio.create_task(self._rage())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.rest()

    async def rest(self) -> None:
        """Kill nothing more, and wait until everything is well again."""
        if self._raging:
            self._raging.cancel()
            await asyncio.wait({self._raging})
        if self._watching:
            await asyncio.wait(self._watching)

    async def _rage(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(*PAUSE))
            if names := sorted(self._standing()):
                self._strike(self._random.choice(names))

    def _standing(self) -> Iterator[str]:
        """Yield what runs and is well."""
        away = {outage.name for outage in self.outages if outage.ended is None}
        running = (s.name for s in self._system.status() if s.state == "running")
        yield from (name for name in (*running, ENVOY) if name not in away)

    def _strike(self, name: str) -> None:
        before = {s.name: s.restarts for s in self._system.status()}
        with suppress(LocalError, ProcessLookupError):  # it has just gone by itself
            if name == ENVOY:
                os.kill(self._envoy(), signal.SIGKILL)
            else:
                self._system.kill(name)
            outage = Outage(name, time.monotonic())
            self.outages.append(outage)
            task = asyncio.create_task(self._watch(outage, before.get(name, 0)))
            self._watching.add(task)
            task.add_done_callback(self._watching.discard)

    async def _watch(self, outage: Outage, restarts: int) -> None:
        well = False
        while not well:
            await asyncio.sleep(LOOK)
            well = await self._is_well(outage.name, restarts)
        outage.ended = time.monotonic()

    async def _is_well(self, name: str, restarts: int) -> bool:
        if name == ENVOY:
            return await self._answers()
        return any(
            s.name == name and s.state == "running" and s.restarts > restarts
            for s in self._system.status()
        )

    async def _answers(self) -> bool:
        """Return whether the edge's door is open: any answer is one."""
        try:
            async with aiohttp.ClientSession() as http, http.get(self._system.edge_url):
                return True
        except aiohttp.ClientError:
            return False

    def _envoy(self) -> int:
        """Return the pid of the Envoy: an agent that was killed left it to the next one."""
        home = str(self._system.home.folder)
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error):
                if process.info["name"] == ENVOY and process.environ().get("MATAPALO_HOME") == home:
                    return int(process.pid)
        raise ProcessLookupError(ENVOY)
