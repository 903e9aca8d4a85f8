"""The conductor's process: `matapalo conduct`."""

import asyncio
import signal
from pathlib import Path

from aiohttp import web

from matapalo.blueprint import Blueprint
from matapalo.conductor import PATIENCE, Conductor, Edges, asker
from matapalo.conductor.comparisons import Differences
from matapalo.conductor.tables import Tables
from matapalo.console.api import make
from matapalo.errors import PortTaken
from matapalo.stream.databases import read

_SETTLE = 10.0
"""How long moves under way may take to end when the process is told to, in seconds."""


async def serve(
    blueprint: Blueprint,
    *,
    port: int,
    token: str,
    ledger_url: str,
    endpoints: Path,
    databases: Path | None = None,
    patience: float = PATIENCE,
    listen: str = "127.0.0.1",
) -> None:
    """Conduct until SIGTERM or SIGINT. Moves under way end, or stay open in the ledger.

    `databases` is the file that says where slices' tables are; without it those slices stay where
    they are. `patience` is how long edges may take to obey a step, in seconds. Raises PortTaken
    where the port is in use, StreamError where the file cannot be read or lacks a database.
    """
    tables = Tables(blueprint, read(databases)) if databases else None
    edges = Edges()
    differences = Differences(blueprint.slices)
    ask = asker(blueprint, endpoints)
    conductor = Conductor(
        blueprint.slices, edges, ask, say, data=tables, answers=differences, patience=patience
    )
    runner = web.AppRunner(
        make(conductor, edges, differences, token), access_log=None, shutdown_timeout=5
    )
    await runner.setup()
    await _listen(runner, listen, port)
    leading = asyncio.create_task(conductor.run(ledger_url))
    say(f"listening on {listen}:{port}")
    try:
        await _told_to_end(leading)
    finally:
        await conductor.settle(_SETTLE)
        edges.close()
        await runner.cleanup()
        leading.cancel()
        await asyncio.wait([leading])
        if tables:
            tables.end()
        say("ended")


def say(text: str) -> None:
    """Print a line for the log."""
    print(text, flush=True)


async def _listen(runner: web.AppRunner, address: str, port: int) -> None:
    try:
        await web.TCPSite(runner, address, port).start()
    except OSError as error:
        await runner.cleanup()
        raise PortTaken(
            f"port {port} cannot be listened on: {error.strerror}", where="conductor"
        ) from error


async def _told_to_end(leading: "asyncio.Task[None]") -> None:
    """Wait for a signal; a conductor that breaks ends the process with its error."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    waits = {asyncio.create_task(told.wait()), leading}
    done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    if leading in done:
        leading.result()
