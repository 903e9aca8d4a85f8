"""Functions for tests: a handler written into a folder, and a pool or an HTTP server around it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import aiohttp
from aiohttp import web

from matapalo.local.functions import Lambda, Outcome, Pool, application


def write(folder: Path, code: str, name: str = "app") -> Lambda:
    """Write a handler, and describe its function."""
    folder.joinpath(f"{name}.py").write_text(dedent(code))
    return Lambda(name="shop-app", code=folder, handler=f"{name}.handle", timeout=20)


@dataclass
class Hosted:
    """A pool, and every line that it wrote to its log."""

    pool: Pool
    lines: list[str]

    async def __call__(self, event: object = None, **options: str) -> Outcome:
        return await self.pool.invoke(json.dumps(event).encode(), **options)

    async def result(self, event: object = None) -> Any:
        outcome = await self(event)
        return json.loads(outcome.payload)

    def line(self, what: str) -> str:
        return next(line for line in self.lines if what in line)


@asynccontextmanager
async def hosted(function: Lambda, idle: float = 300, **changes: Any) -> AsyncIterator[Hosted]:
    """Host a function without HTTP."""
    lines: list[str] = []
    async with Pool(replace(function, **changes), lines.append, idle=idle) as pool:
        yield Hosted(pool, lines)


@dataclass
class Served:
    """A function behind HTTP."""

    url: str
    session: aiohttp.ClientSession
    lines: list[str] = field(default_factory=list)

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any, bytes]:
        async with self.session.request(method, self.url + path, **options) as response:
            return response.status, response.headers, await response.read()


@asynccontextmanager
async def served(function: Lambda, **changes: Any) -> AsyncIterator[Served]:
    """Host a function behind HTTP."""
    async with hosted(function, **changes) as host:
        runner = web.AppRunner(application(host.pool), access_log=None, shutdown_timeout=5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
                yield Served(url, session, host.lines)
        finally:
            await runner.cleanup()


async def together(*calls: Any) -> list[Any]:
    """Await all of them at once."""
    return list(await asyncio.gather(*calls))
