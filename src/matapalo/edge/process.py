"""The process `matapalo edge`: an agent with its files, sockets and signals."""

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from matapalo.blueprint import Blueprint
from matapalo.edge.admin import Admin
from matapalo.edge.agent import Agent
from matapalo.edge.drain import Drain
from matapalo.edge.files import socket_path, trusted_certificates
from matapalo.edge.keeper import Keeper
from matapalo.edge.line import Line
from matapalo.edge.memory import EndpointsFile, Memory
from matapalo.edge.resources import Place
from matapalo.edge.standings import Standings
from matapalo.edge.workers import Workers
from matapalo.edge.xds import Xds


@dataclass(frozen=True, slots=True)
class Setting:
    """What an edge is started with."""

    name: str
    endpoints: Path
    folder: Path
    port: int
    conductor: str | None = None
    token_file: Path | None = None
    listen: str = "127.0.0.1"
    told_first: bool = False
    """Whether it lets nobody in before the conductor has told it what is wanted."""


async def serve(blueprint: Blueprint, setting: Setting) -> None:
    """Be an edge until SIGTERM or SIGINT; then drain. Raises EdgeError if it cannot begin."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await (await _agent(blueprint, setting, stack)).run(stop)


async def _agent(blueprint: Blueprint, setting: Setting, stack: AsyncExitStack) -> Agent:
    place = place_of(setting)
    admin = await stack.enter_async_context(Admin(place.admin))
    xds = Xds(place, admin)
    workers = Workers(admin, place.clock)
    stack.callback(workers.close)
    line = None
    if setting.conductor:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        line = Line(session, setting.conductor, setting.token_file, setting.name)
    return Agent(
        name=setting.name,
        blueprint=blueprint,
        place=place,
        endpoints=EndpointsFile(setting.endpoints),
        memory=Memory(place.folder),
        standings=Standings(place.folder, blueprint.slices),
        xds=xds,
        drain=Drain(admin, workers),
        keeper=Keeper(place, admin, xds, blueprint.edge.drain, say),
        line=line,
        told_first=setting.told_first,
        say=say,
    )


def place_of(setting: Setting) -> Place:
    """Return where the edge stands."""
    folder = setting.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Place(
        port=setting.port,
        folder=folder,
        admin=socket_path(folder, "admin.sock"),
        clock=socket_path(folder, "clock.sock"),
        trust=trusted_certificates(),
        address=setting.listen,
    )


def say(event: str, **details: object) -> None:
    """Print an event as a line of JSON."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sys.stdout.write(json.dumps({"time": now, "edge": event, **details}) + "\n")
    sys.stdout.flush()
