"""An edge without an Envoy: it speaks the edges' contract over HTTP, as well or badly as told."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

import aiohttp

from matapalo.edge.report import Meter, Report
from matapalo.edge.split import Split, Wanted

BOUNDS = (1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0)


def meter(requests: int, errors: int = 0, ms: float = 8) -> Meter:
    """Return a meter of so many answers, all of them about as quick."""
    buckets = tuple((bound, requests if bound >= ms else 0) for bound in BOUNDS)
    return Meter(requests=requests, errors=errors, buckets=buckets)


@dataclass
class FakeEdge:
    """Polls what is wanted, obeys it, and reports ten times a second."""

    url: str
    token: str
    name: str = "edge-1"
    epoch: str = "first"
    refuses: str = ""
    """Why it refuses every split with a share in it; nothing if it takes all."""
    silent: bool = False
    """Takes nothing and says nothing."""
    stuck: bool = False
    """Takes nothing, and reports all the same."""
    obeyed: Wanted = field(default_factory=Wanted)
    history: list[Wanted] = field(default_factory=list)
    meters: dict[str, dict[str, Meter]] = field(default_factory=dict)
    _rejected: tuple[str, int] = ("", 0)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: tuple["asyncio.Task[None]", ...] = ()

    async def __aenter__(self) -> Self:
        self._tasks = (asyncio.create_task(self._poll()), asyncio.create_task(self._tell()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def split(self, slice_name: str) -> Split:
        """Return how it divides a slice."""
        return self.obeyed.split(slice_name)

    def serve(self, slice_name: str, side: str, more: Meter) -> None:
        """Count more answers of a side."""
        sides = self.meters.setdefault(slice_name, {})
        sides[side] = sides.get(side, Meter()).plus(more)

    def serve_well(self, slice_name: str) -> None:
        """Count 200 quick answers more of every side."""
        for side in ("monolith", "new", "shadow"):
            self.serve(slice_name, side, meter(200))

    async def _poll(self) -> None:
        async with self._http() as http:
            while True:
                try:
                    await self._take_news(http)
                except (aiohttp.ClientError, TimeoutError):
                    await asyncio.sleep(0.05)

    async def _take_news(self, http: aiohttp.ClientSession) -> None:
        after = max(self.obeyed.version, self._rejected[1])
        if self.silent or self.stuck:
            await asyncio.sleep(0.05)
            return
        async with http.get(f"/v1/edges/{self.name}/wanted?after={after}") as answer:
            if answer.status != 200:
                await asyncio.sleep(0.05)
                return
            self._obey(Wanted.model_validate(await answer.json()))

    def _obey(self, wanted: Wanted) -> None:
        if self.silent or self.stuck:
            return
        if self.refuses and any(split.reads_new for split in wanted.splits.values()):
            self._rejected = (self.refuses, wanted.version)
        else:
            self._rejected = ("", 0)
            self.obeyed = wanted
            self.history.append(wanted)
        self._news.set()

    async def _tell(self) -> None:
        async with self._http() as http:
            while True:
                try:
                    await self._report(http)
                except (aiohttp.ClientError, TimeoutError):
                    await asyncio.sleep(0.05)
                self._news.clear()
                try:
                    async with asyncio.timeout(0.1):
                        await self._news.wait()
                except TimeoutError:
                    continue

    async def _report(self, http: aiohttp.ClientSession) -> None:
        if self.silent:
            return
        said = Report(
            edge=self.name,
            epoch=self.epoch,
            version=self.obeyed.version,
            rejected=self._rejected[0],
            rejected_version=self._rejected[1],
            meters=self.meters,
        )
        path = f"/v1/edges/{self.name}/report"
        async with http.post(path, data=said.model_dump_json()) as answer:
            assert answer.status == 204, await answer.text()

    def _http(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {self.token}"})
