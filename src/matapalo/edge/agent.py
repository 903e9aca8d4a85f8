"""The agent: keeps one Envoy obedient, and says so.

    conductor ──wanted──▶ agent ──files──▶ Envoy        endpoints file ──▶ agent
              ◀──report──       ◀──stats──

What is wanted of writes is in force as soon as its files are in place (standings); what is wanted
of reads, once Envoy has taken its routes (xds). A hold is acknowledged when the writes that had
passed before it are answered (drain).

Nothing that dies takes the traffic along. A dead conductor: the last wanted state stays in force;
one that has none waits for the first word, where it is one of many that forget (`told_first`). A
dead agent: Envoy goes on, and the next agent takes it on. A dead Envoy: started at once with the
files that it had taken.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from matapalo.blueprint import Blueprint
from matapalo.edge.drain import Drain
from matapalo.edge.endpoints import Endpoints
from matapalo.edge.keeper import Keeper, Say
from matapalo.edge.line import Line
from matapalo.edge.memory import EndpointsFile, Memory
from matapalo.edge.own_writes import OwnWrites
from matapalo.edge.reading import Reading
from matapalo.edge.report import Report
from matapalo.edge.resources import Place, Resources, render
from matapalo.edge.split import Wanted
from matapalo.edge.standings import Standings
from matapalo.edge.xds import Xds
from matapalo.errors import ConductorSilent, ConfigRejected, EdgeError, EdgeSilent

DRAIN = 0.002
"""Seconds between two looks at the writes that are under way."""
WATCH = 0.1
"""Seconds between two looks at the file of endpoints."""
REPORT = 1.0
"""Seconds between two reports, at most."""
LONGEST = 2.0
"""Seconds between two attempts to reach the conductor, at most."""
BEFORE_ALL = -1
"""What every version is newer than."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that Envoy would not take, and why."""

    version: int = 0
    why: str = ""


class Agent:
    """The agent of one edge."""

    def __init__(
        self,
        *,
        name: str,
        blueprint: Blueprint,
        place: Place,
        endpoints: EndpointsFile,
        memory: Memory,
        standings: Standings,
        xds: Xds,
        drain: Drain,
        keeper: Keeper,
        line: Line | None,
        told_first: bool = False,
        say: Say,
        render: Callable[..., Resources] = render,
    ) -> None:
        self._name = name
        self._blueprint = blueprint
        self._place = place
        self._file = endpoints
        self._memory = memory
        self._standings = standings
        self._xds = xds
        self._drain = drain
        self._keeper = keeper
        self._line = line
        self._told_first = told_first
        self._say = say
        self._render = render
        self._endpoints = endpoints.read()
        self._wanted = memory.recall()
        self._refusal = Refusal()
        self._rendered: tuple[tuple[Endpoints, Wanted], Resources] | None = None
        self._acknowledged = 0
        self._last: _Counted | None = None
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._news = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then let requests in flight end, and end Envoy."""
        work = asyncio.create_task(self._work())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if work.done():
            work.result()
        work.cancel()
        await asyncio.wait({work})
        self._say("drain")
        await self._keeper.end()
        self._say("end")

    async def _work(self) -> None:
        if self._line and self._told_first and not self._memory.knows():
            self._wanted = await self._newer(self._line, lambda: BEFORE_ALL)
        self._standings.begin(self._wanted)
        await self._keeper.begin(self._resources(self._wanted))
        self._changed.set()
        self._say("ready", port=self._place.port, version=self._wanted.version)
        async with asyncio.TaskGroup() as duties:
            duties.create_task(self._keeper.keep(lambda: self._resources(self._wanted), self._turn))
            duties.create_task(self._follow_endpoints())
            duties.create_task(self._acknowledge())
            if self._line:
                own_writes = OwnWrites(self._standings, self._line.passed)
                duties.create_task(own_writes.follow())
                duties.create_task(self._follow_conductor(self._line))
                duties.create_task(self._report(self._line))

    def _resources(self, wanted: Wanted) -> Resources:
        """Return what Envoy shall obey; made anew only if something of it has moved."""
        now = (self._endpoints, wanted.routes())
        if self._rendered is None or self._rendered[0] != now:
            at = self._endpoints
            made = self._render(self._blueprint, at, wanted, self._place, self._name)
            self._rendered = (now, made)
        return self._rendered[1]

    async def _follow_endpoints(self) -> None:
        while True:
            await asyncio.sleep(WATCH)
            if not self._file.changed():
                continue
            try:
                self._endpoints = self._file.read()
            except EdgeError as error:
                self._say("endpoints", trouble=error.what)
                continue
            await self._until_said(self._wanted)

    async def _follow_conductor(self, line: Line) -> None:
        while True:
            wanted = await self._newer(
                line, lambda: max(self._wanted.version, self._refusal.version)
            )
            if wanted.supersedes(self._wanted):
                await self._until_said(wanted)

    async def _newer(self, line: Line, after: Callable[[], int]) -> Wanted:
        """Return what the conductor wants that is newer, however long it has nothing to say."""
        silent = 0
        while True:
            try:
                wanted = await line.wanted(after())
            except ConductorSilent as error:
                silent += 1
                if silent == 1:
                    self._say("conductor", trouble=error.what)
                await asyncio.sleep(min(LONGEST, 0.1 * 2**silent) * random.uniform(0.5, 1))  # noqa: S311 (spreads out edges, keeps no secret)
                continue
            if silent:
                self._say("conductor")
            silent = 0
            if wanted:
                return wanted

    async def _until_said(self, wanted: Wanted) -> None:
        """Have Envoy take something or refuse it; one that is dead will be back."""
        # First of all, and whatever Envoy does: requests wait for it.
        self._standings.obey(wanted)
        while True:
            try:
                async with self._turn:
                    return await self._obey(wanted)
            except EdgeSilent:
                await asyncio.sleep(WATCH)

    async def _obey(self, wanted: Wanted) -> None:
        if self._wanted.supersedes(wanted):
            wanted = self._wanted
        try:
            await self._xds.obey(self._resources(wanted))
        except ConfigRejected as rejected:
            self._standings.restore(self._wanted)
            self._refusal = Refusal(wanted.version, rejected.what)
            self._say("refused", version=wanted.version, trouble=rejected.what)
            self._news.set()
        else:
            self._wanted = wanted
            self._refusal = Refusal()
            self._changed.set()
            self._say("obey", version=wanted.version)

    async def _acknowledge(self) -> None:
        """Say that something is obeyed as soon as it is, unless something newer is obeyed by then.

        A hold is obeyed when no write is under way that had passed before it.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted
            while wanted is self._wanted:
                if await self._drained(wanted.held()):
                    await self._settled(wanted)
                    break
                await asyncio.sleep(DRAIN)

    async def _settled(self, wanted: Wanted) -> None:
        """Remember it, as Envoy has taken it, and say so; at once if writes wait for the word."""
        hurry = bool(wanted.held())
        if hurry:
            self._say_obeyed(wanted)
        await asyncio.to_thread(self._memory.keep, wanted)
        if not hurry:
            self._say_obeyed(wanted)

    def _say_obeyed(self, wanted: Wanted) -> None:
        self._acknowledged = wanted.version
        self._news.set()

    async def _drained(self, held: tuple[str, ...]) -> bool:
        """Whether it is so. Of an Envoy that is dead nothing is known; it will be back."""
        try:
            return not held or await self._drain.over(held)
        except EdgeSilent:
            await asyncio.sleep(WATCH)
            return False

    async def _report(self, line: Line) -> None:
        news = False
        while True:
            self._news.clear()
            # Writes wait for the word that they are held: it is not kept waiting for the counters.
            hurry = news and bool(self._wanted.held())
            try:
                await line.report(await self._state(hurry=hurry))
            except (EdgeSilent, ConductorSilent):
                # Silence is the report: the conductor counts as live who was heard lately.
                await asyncio.sleep(WATCH)
            try:
                news = await asyncio.wait_for(self._news.wait(), REPORT)
            except TimeoutError:
                news = False

    async def _state(self, *, hurry: bool) -> Report:
        counted = await self._counted(hurry=hurry)
        return Report(
            edge=self._name,
            epoch=counted.epoch,
            version=self._acknowledged,
            rejected=self._refusal.why,
            rejected_version=self._refusal.version,
            meters=counted.reading.meters,
            kept_back=dict(counted.reading.kept_back),
        )

    async def _counted(self, *, hurry: bool) -> "_Counted":
        """Return what Envoy has counted; in a hurry, what it had when it was last asked."""
        epoch = self._keeper.epoch
        if not (hurry and self._last and self._last.epoch == epoch):
            self._last = _Counted(epoch, await self._xds.read())
        return self._last


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one Envoy has counted."""

    epoch: str
    reading: Reading
