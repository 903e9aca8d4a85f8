"""The process `matapalo edge`, and a conductor that keeps the contract."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from aiohttp import web

from matapalo.edge import Endpoint, Endpoints, Report, Split, Wanted
from matapalo.edge.files import replace
from tests.edge.world import Answer, Client, Placed
from tests.support import eventually, free_port

TOKEN = "a token for edges"


@dataclass
class Conductor:
    """Wants something, and hears what edges say."""

    wanted: Wanted = field(default_factory=Wanted)
    reports: list[Report] = field(default_factory=list)
    port: int = 0
    passing: bool = False
    """Whether the new side has all that was written until it is asked about."""
    passes: Callable[[], Awaitable[bool]] | None = None
    """Says so instead, if it is set."""
    asked: int = 0
    """How often it was."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Report:
        assert self.reports, "no edge has said anything"
        return self.reports[-1]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/v1/edges/{edge}/wanted", self._want)
        app.router.add_get("/v1/edges/{edge}/passed", self._passed)
        app.router.add_post("/v1/edges/{edge}/report", self._hear)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        self.port = self.port or free_port()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def want(self, **splits: Split) -> int:
        """Want these splits from now on; return their version."""
        self.wanted = Wanted(version=self.wanted.version + 1, splits=splits)
        self._changed.set()
        self._changed = asyncio.Event()
        return self.wanted.version

    async def obeyed(self, **splits: Split) -> Report:
        """Want these splits, and wait until the edge says that it obeys."""
        version = self.want(**splits)
        await eventually(lambda: self.last.version == version)
        return self.last

    async def _want(self, request: web.Request) -> web.Response:
        self._check(request)
        after = int(request.query["after"])
        changed = self._changed
        if self.wanted.version <= after:
            try:
                await asyncio.wait_for(changed.wait(), 20)
            except TimeoutError:
                return web.Response(status=204)
        return web.Response(text=self.wanted.model_dump_json(), content_type="application/json")

    async def _passed(self, request: web.Request) -> web.Response:
        self._check(request)
        self.asked += 1
        passed = await self.passes() if self.passes else self.passing
        return web.json_response({"passed": passed})

    async def _hear(self, request: web.Request) -> web.Response:
        self._check(request)
        self.reports.append(Report.model_validate_json(await request.text()))
        return web.Response(status=204)

    @staticmethod
    def _check(request: web.Request) -> None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized


@dataclass
class EdgeProcess:
    """`matapalo edge` in a folder; it may be started and ended any number of times."""

    folder: Path
    port: int
    conductor: Conductor | None
    log: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def state(self) -> Path:
        return self.folder / "edge"

    async def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        before = self.said().count('"edge": "ready"')
        await self.launch()
        await eventually(lambda: self.said().count('"edge": "ready"') > before)

    async def launch(self, *words: str) -> None:
        told = ["--conductor", self.conductor.url] if self.conductor else []
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "matapalo", "edge",
                "--blueprint", str(self.folder / "matapalo.yaml"),
                "--endpoints", str(self.folder / "endpoints.json"),
                "--folder", str(self.state),
                "--port", str(self.port),
                "--token-file", str(self.folder / "token"),
                *told, *words,
                stdout=log, stderr=log,
                env={name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"},
            )  # fmt: skip

    async def kill(self) -> None:
        """Kill the agent, and nothing else."""
        assert self.process
        self.process.kill()
        await self.process.wait()

    async def end(self) -> int:
        """End it as one should."""
        assert self.process
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def envoys(self) -> list[psutil.Process]:
        """Find every Envoy of this folder that is alive."""
        mine = str(self.state / "bootstrap.json")
        found = (p for p in psutil.process_iter(["cmdline", "status"]))
        return [
            p
            for p in found
            if mine in (p.info["cmdline"] or ()) and p.info["status"] != psutil.STATUS_ZOMBIE
        ]

    def place(self, at: Mapping[str, Placed | Endpoint]) -> None:
        """Say where everything answers."""
        found = {
            name: (where if isinstance(where, Endpoint) else where.endpoint,)
            for name, where in at.items()
        }
        replace(self.folder / "endpoints.json", Endpoints(at=found).model_dump_json())

    async def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Answer:
        client = Client(self.port)
        try:
            return await client.ask(path, method, body)
        finally:
            client.close()


@asynccontextmanager
async def edge_process(
    folder: Path,
    blueprint: dict[str, Any],
    at: Mapping[str, Placed | Endpoint],
    conductor: Conductor | None = None,
) -> AsyncIterator[EdgeProcess]:
    """Have a folder for an edge; whatever runs of it in the end is ended."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"name": "wallet", "monolith": {"url": "http://127.0.0.1:9"}, **blueprint}
    # JSON is YAML.
    (folder / "matapalo.yaml").write_text(json.dumps(whole))
    (folder / "token").write_text(TOKEN)
    edge = EdgeProcess(folder, free_port(), conductor, folder / "log")
    edge.place(at)
    try:
        yield edge
    finally:
        if edge.process:
            await edge.end()
        for envoy in edge.envoys():
            envoy.kill()
            await asyncio.to_thread(envoy.wait, 10)


@asynccontextmanager
async def conducting() -> AsyncIterator[Conductor]:
    """Run a conductor."""
    conductor = Conductor()
    await conductor.start()
    try:
        yield conductor
    finally:
        await conductor.stop()
