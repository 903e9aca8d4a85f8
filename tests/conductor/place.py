"""Where a conductor runs: a blueprint, a ledger, a new side that answers, a real process."""

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web

from matapalo.conductor import Entry, Event, SliceView
from matapalo.console import Client, Seat, connect
from matapalo.errors import ConductorError
from tests.conductor.edge import FakeEdge
from tests.support import eventually, free_port

TOKEN = "a-token-for-tests"
BLUEPRINT = """
name: tiny
monolith:
  url: "http://127.0.0.1:1"
  database: {name: tiny, url: "postgresql://127.0.0.1:3/tiny"}
products:
  accounts:
    stores:
      books: {kind: aurora}
    services:
      statements: {url: "http://127.0.0.1:2", uses: [books]}
slices:
  statements:
    to: accounts/statements
    routes: [GET /api/statements, POST /api/statements]
    compare: 0
    gates: {min_requests: 20}
  receipts:
    to: accounts/statements
    routes: [/api/receipts]
    compare: 0
    gates: {min_requests: 20}
  payments:
    to: accounts/statements
    routes: [/api/payments]
    tables: [{name: payments}]
"""


def new_database(dsn: str) -> str:
    """Make an empty database on a server, and return its DSN."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    return dsn.rpartition("/")[0] + f"/{name}"


@dataclass
class Place:
    """Where one test's conductor runs."""

    folder: Path
    ledger_url: str
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None
    healthy: bool = True
    patience: float = 30

    @property
    def url(self) -> str:
        """Where the conductor answers."""
        return f"http://127.0.0.1:{self.port}"

    def edge(self, name: str = "edge-1") -> FakeEdge:
        """Return an edge that is not running yet."""
        return FakeEdge(self.url, TOKEN, name)

    async def start(self) -> None:
        """Start `matapalo conduct`."""
        self.process = await self.spawn(self.port)

    async def spawn(self, port: int) -> asyncio.subprocess.Process:
        """Start a conductor on a port."""
        environment = {**os.environ, "MATAPALO_LEDGER_URL": self.ledger_url}
        with (self.folder / f"conduct-{port}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "matapalo", "conduct",
                "--blueprint", str(self.folder / "matapalo.yaml"),
                "--port", str(port), "--token-file", str(self.folder / ".matapalo" / "token"),
                "--patience", str(self.patience),
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip

    async def kill(self) -> None:
        """End the conductor as a crash does."""
        assert self.process
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """End the conductor as a supervisor does, and return its exit status."""
        assert self.process
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)

    async def leads(self) -> None:
        """Wait until the conductor leads."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            await eventually(partial(self._answers, conductor))

    async def _answers(self, conductor: Client) -> bool:
        if self.process and self.process.returncode is not None:
            pytest.fail((self.folder / f"conduct-{self.port}.log").read_text())
        try:
            await conductor.slices()
        except ConductorError:
            return False
        return True

    async def slice(self, name: str = "statements") -> SliceView:
        """Return a slice as people see it."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return await conductor.slice(name)

    async def entries(self) -> tuple[Entry, ...]:
        """Return the ledger."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return await conductor.ledger(limit=1000)

    async def edges(self) -> list[dict[str, Any]]:
        """Return the edges that the conductor knows."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return await conductor.edges()

    async def move(self, verb: str, name: str = "statements", **wish: Any) -> list[Event]:
        """Move a slice, and return what was told."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return [event async for event in conductor.move(verb, name, {"who": "ana", **wish})]

    async def gates_pass(self, edge: FakeEdge, name: str = "statements") -> None:
        """Let both sides answer enough and well, so that every gate passes."""
        edge.serve_well(name)
        await eventually(partial(self._passes, name))

    async def _passes(self, name: str) -> bool:
        seen = await self.slice(name)
        return all(verdict.outcome == "pass" for verdict in seen.gates)


@asynccontextmanager
async def place(folder: Path, ledger_url: str) -> AsyncIterator[Place]:
    """Give a place with a new side that answers its health check; end what it started."""
    home = folder / ".matapalo"
    home.mkdir(parents=True)
    (folder / "matapalo.yaml").write_text(BLUEPRINT)
    (home / "token").write_text(TOKEN)
    made = Place(folder, ledger_url)
    runner = await _new_side(made)
    where = {"host": "127.0.0.1", "port": runner.addresses[0][1]}
    (home / "endpoints.json").write_text(json.dumps({"at": {"accounts/statements": [where]}}))
    (home / "conductor.json").write_text(json.dumps({"url": made.url}))
    try:
        yield made
    finally:
        if made.process:
            await made.kill()
        await runner.cleanup()


async def _new_side(made: Place) -> web.AppRunner:
    async def health(_: web.Request) -> web.Response:
        return web.Response(status=200 if made.healthy else 503)

    app = web.Application()
    app.router.add_get("/health", health)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner
