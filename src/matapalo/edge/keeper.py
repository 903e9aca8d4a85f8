"""The keeper: one Envoy, always. Takes on one that runs, starts one anew, drains it at the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

from matapalo.edge.admin import Admin
from matapalo.edge.envoy import Envoy, log_file
from matapalo.edge.resources import Place, Resources
from matapalo.edge.xds import Xds, reason
from matapalo.errors import ConfigRejected, EdgeError, EdgeSilent

Say = Callable[..., None]

WATCH = 0.05
"""Seconds between two looks."""
START = 30.0
"""Seconds that Envoy may take to answer."""
LONGEST = 5.0
"""Seconds between two starts that fail, at most."""
HEALTHY = 10.0
"""Seconds after which a start counts as a success."""
SETTLE = 0.3
"""Seconds that a request which is on its way may take to reach the door that is closing."""


class Keeper:
    """Keeps one Envoy. `say` is told of every event."""

    def __init__(self, place: Place, admin: Admin, xds: Xds, drain: float, say: Say) -> None:
        self._place = place
        self._admin = admin
        self._xds = xds
        self._drain = drain
        self._say = say
        self._envoy: Envoy | None = None

    @property
    def epoch(self) -> str:
        """Another one whenever the counters began anew."""
        return self._envoy.epoch if self._envoy else ""

    async def begin(self, resources: Resources) -> None:
        """Have an Envoy that obeys. Raises ConfigRejected or EdgeSilent, and leaves none then."""
        self._envoy = Envoy.find(self._place)
        if self._envoy and not self._same(resources):
            self._say("replace", why="its bootstrap is another one")
            await self.end()
        if self._envoy is None:
            await self._start(resources)
            return
        self._say("adopt", envoy=self._envoy.epoch)
        await self._xds.obey(resources)

    async def keep(self, resources: Callable[[], Resources], turn: asyncio.Lock) -> None:
        """Start it anew whenever it has died; for ever. `turn` is held while it starts."""
        delays = _delays()
        born = time.monotonic()
        while True:
            await asyncio.sleep(WATCH)
            if self._envoy is not None and self._envoy.alive():
                continue
            if time.monotonic() - born > HEALTHY:
                delays = _delays()
            await asyncio.sleep(next(delays))
            born = time.monotonic()
            async with turn:
                await self._start_again(resources())

    async def end(self) -> None:
        """Let requests in flight end, for as long as they may, and end Envoy."""
        if self._envoy is None:
            return
        try:
            await self._drained()
        except EdgeSilent as silent:
            self._say("drain", trouble=silent.what)
        await self._envoy.end()
        self._envoy = None

    def _same(self, resources: Resources) -> bool:
        bootstrap = self._place.bootstrap
        return bootstrap.exists() and bootstrap.read_text() == resources.bootstrap

    async def _start(self, resources: Resources) -> None:
        self._xds.lay(resources)
        self._envoy = Envoy.start(self._place, self._drain)
        self._say("start", envoy=self._envoy.epoch)
        try:
            await self._within(START, self._ready)
            await self._xds.obey(resources)
        except EdgeError:
            await self._envoy.end()
            self._envoy = None
            raise

    async def _start_again(self, resources: Resources) -> None:
        try:
            await self._start(resources)
        except (EdgeSilent, ConfigRejected) as error:
            self._say("start", trouble=error.what)

    async def _ready(self) -> bool:
        """Raises EdgeSilent if it has died."""
        if self._envoy is None or not self._envoy.alive():
            log = log_file(self._place)
            why = reason(log.read_text(errors="replace")) if log.exists() else "it said nothing"
            raise EdgeSilent(f"Envoy ended at its start: {why}", where=str(log))
        try:
            await self._admin.get("/ready")
        except EdgeSilent:
            return False
        return True

    async def _drained(self) -> None:
        """New connections are taken, and told to close, until nothing is in flight."""
        await self._admin.post("/drain_listeners", graceful="")
        await asyncio.sleep(SETTLE)
        await self._within(self._drain, self._idle)
        await self._admin.post("/drain_listeners")
        await self._within(SETTLE, self._idle)

    async def _idle(self) -> bool:
        return (await self._xds.read()).active == 0

    async def _within(self, seconds: float, holds: Callable[[], Awaitable[bool]]) -> bool:
        deadline = time.monotonic() + seconds
        while not await holds():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True


def _delays() -> Iterator[float]:
    """The first start is at once."""
    delay = 0.0
    while True:
        yield delay
        delay = min(LONGEST, max(0.1, 2 * delay))
