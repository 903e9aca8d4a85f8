"""`matapalo function`: one function behind HTTP, until SIGTERM."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from matapalo.errors import PortTaken
from matapalo.local.functions.describe import Lambda
from matapalo.local.functions.doors import application
from matapalo.local.functions.pool import Pool

GRACE = 2
"""Seconds beyond a function's time limit that requests in flight have when the host stops."""


async def serve(function: Lambda, port: int) -> None:
    """Serve on a port of the loopback; at SIGTERM finish what is in flight, then return.

    Raises PortTaken.
    """
    async with Pool(function, say) as pool:
        grace = function.timeout + GRACE
        async with listening(application(pool), "127.0.0.1", port, grace=grace) as stop:
            say(f"{function.name} listens on port {port}")
            await stop.wait()


@asynccontextmanager
async def listening(
    app: web.Application, address: str, port: int, *, grace: float
) -> AsyncIterator[asyncio.Event]:
    """Serve an application; yield what SIGTERM sets. Requests in flight have `grace` seconds.

    Raises PortTaken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=grace)
    await runner.setup()
    try:
        await _listen(runner, address, port)
        yield stop
    finally:
        await runner.cleanup()


def say(line: str) -> None:
    """Write a line to the log, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _listen(runner: web.AppRunner, address: str, port: int) -> None:
    try:
        await web.TCPSite(runner, address, port).start()
    except OSError as error:
        raise PortTaken(f"port {port} cannot be used: {error.strerror}") from None
