"""The process `matapalo compare` between two real servers, and a conductor that hears it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict

from matapalo.compare import Comparisons, SliceComparisons
from tests.support import eventually, free_port

TOKEN = "a token for comparisons"
BLUEPRINT: dict[str, Any] = {
    "name": "wallet",
    "monolith": {"url": "http://127.0.0.1:9", "timeout": 5},
    "products": {"p": {"services": {"s": {"url": "http://127.0.0.1:9", "timeout": 5}}}},
    "slices": {
        "cards": {"to": "p/s", "routes": ["GET /cards", "/cards/old"]},
        "other": {"to": "p/s", "routes": ["/other"]},
    },
}

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """One side. It answers as it is told to."""

    reply: Reply
    seen: list[web.Request] = field(default_factory=list)
    active: int = 0
    most: int = 0
    """So many were asked at once."""
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, max_field_size=2**20)
        await self._runner.setup()
        self.port = self.port or free_port()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1000).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.active += 1
        self.most = max(self.most, self.active)
        try:
            return await self.reply(request)
        finally:
            self.active -= 1

    def says(self, *values: Any) -> None:
        """Answer these values as JSON, one after the other, and the last one from then on."""
        left = list(values)

        async def reply(_: web.Request) -> web.StreamResponse:
            return web.json_response(left.pop(0) if len(left) > 1 else left[0])

        self.reply = reply


async def _nothing(_: web.Request) -> web.StreamResponse:
    return web.json_response(None)


@dataclass
class World:
    """Everything around the process."""

    folder: Path
    monolith: Server
    new: Server
    http: aiohttp.ClientSession
    port: int = field(default_factory=free_port)
    conductor_port: int = field(default_factory=free_port)
    words: list[Comparisons] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None
    _conductor: web.AppRunner | None = None

    async def copy(
        self, target: str = "/cards", method: str = "GET", slice_name: str = "cards", **headers: str
    ) -> int:
        """Send a copy as an edge does. `_` in names becomes `-`."""
        given = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
        given["x-matapalo-slice"] = slice_name
        url = f"http://127.0.0.1:{self.port}{target}"
        async with self.http.request(method, url, headers=given) as answer:
            await answer.read()
            return answer.status

    def said(self, slice_name: str = "cards") -> SliceComparisons:
        """Return the last word of a slice."""
        told = [word.slices[slice_name] for word in self.words if slice_name in word.slices]
        return told[-1] if told else SliceComparisons()

    async def compared(self, count: int = 1, slice_name: str = "cards") -> SliceComparisons:
        """Wait until so many copies were compared."""
        await eventually(lambda: self.said(slice_name).compared >= count)
        return self.said(slice_name)

    async def skipped(self, count: int = 1, slice_name: str = "cards") -> SliceComparisons:
        """Wait until so many copies were skipped."""
        await eventually(lambda: sum(self.said(slice_name).skipped.values()) >= count)
        return self.said(slice_name)

    def place(self, **at: list[dict[str, Any]]) -> None:
        """Say where the sides answer."""
        where = {
            "monolith": [{"host": "127.0.0.1", "port": self.monolith.port, "tls": False}],
            "p/s": [{"host": "127.0.0.1", "port": self.new.port}],
            **at,
        }
        beside = self.folder / "endpoints.new"
        beside.write_text(json.dumps({"at": where, "site_prefix": ""}))
        beside.rename(self.folder / "endpoints.json")

    async def start(self) -> None:
        """Start the process, and wait until it listens."""
        await self.launch()
        await eventually(self._listens)

    async def launch(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "matapalo", "compare",
                "--blueprint", str(self.folder / "matapalo.yaml"),
                "--endpoints", str(self.folder / "endpoints.json"),
                "--port", str(self.port),
                "--conductor", f"http://127.0.0.1:{self.conductor_port}",
                "--token-file", str(self.folder / "token"),
                stdout=log, stderr=log,
                env={name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"},
            )  # fmt: skip

    async def _listens(self) -> bool:
        assert self.process
        if self.process.returncode is not None:
            pytest.fail(self.log())
        async with self.http.get(f"http://127.0.0.1:{self.port}/health") as answer:
            return answer.status == 200

    async def stop(self) -> int:
        """End it as a supervisor does."""
        assert self.process
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    async def conduct(self) -> None:
        """Have a conductor."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/comparisons", self._hear)
        self._conductor = web.AppRunner(app, shutdown_timeout=0.1)
        await self._conductor.setup()
        await web.TCPSite(self._conductor, "127.0.0.1", self.conductor_port).start()

    async def unconduct(self) -> None:
        """Have none."""
        if self._conductor:
            await self._conductor.cleanup()
            self._conductor = None

    async def _hear(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized
        self.words.append(Comparisons.model_validate_json(await request.text()))
        return web.Response(status=204)


@asynccontextmanager
async def world(folder: Path, *, start: bool = True, **slice_: Any) -> AsyncIterator[World]:
    """Have one, with these settings for the slice `cards`; whatever runs in the end is ended."""
    blueprint = json.loads(json.dumps(BLUEPRINT))
    blueprint["slices"]["cards"] |= slice_
    # JSON is YAML.
    (folder / "matapalo.yaml").write_text(json.dumps(blueprint))
    (folder / "token").write_text(TOKEN)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        made = World(folder, Server(_nothing), Server(_nothing), http)
        for server in (made.monolith, made.new):
            await server.start()
            stack.push_async_callback(server.stop)
        await made.conduct()
        stack.push_async_callback(made.unconduct)
        made.place()
        if start:
            await made.start()
            stack.push_async_callback(made.stop)
        yield made
