"""The process `matapalo compare`: its sockets and signals."""

import asyncio
import signal
import sys
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from matapalo.blueprint import Blueprint, Slice
from matapalo.blueprint.jsonpath import parse
from matapalo.compare import asking, intake
from matapalo.compare.answers import Measure
from matapalo.compare.comparing import Comparing, Sides
from matapalo.compare.places import Places
from matapalo.compare.posting import Posting
from matapalo.compare.room import Room
from matapalo.errors import PortTaken

MONOLITH = "monolith"
COPIES = 512
"""Copies at work at once, of all slices together."""
SHARE = 64
"""Copies of one slice at most."""
LEAST = 8
"""Copies that a slice may have at work however many slices there are."""
BODIES = 64 * 2**20
"""Bytes of bodies that are held at once."""
GRACE = 1.0
"""Seconds that edges have to take their answers."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a comparison is started with."""

    endpoints: Path
    port: int
    conductor: str
    token_file: Path
    listen: str = "127.0.0.1"


async def serve(blueprint: Blueprint, setting: Setting) -> None:
    """Compare until SIGTERM or SIGINT. Raises PortTaken where the port is in use."""
    stop, news = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(asking.session())
        conductor = await stack.enter_async_context(aiohttp.ClientSession())
        slices = _slices(blueprint, setting, http, news)
        posting = Posting(
            http=conductor,
            url=setting.conductor,
            token_file=setting.token_file,
            epoch=uuid.uuid4().hex,
            slices=slices,
            say=say,
        )
        runner = await _listen(slices, setting, 1024 * blueprint.edge.limits.header_kib)
        telling = asyncio.create_task(posting.run(news))
        say(f"listening on {setting.listen}:{setting.port}")
        await _first(telling, stop)
        await runner.cleanup()
        telling.cancel()
        await asyncio.wait({telling})
        for comparing in slices.values():
            await comparing.end()
    say("ended")


def say(text: str) -> None:
    """Print a line for the log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _slices(
    blueprint: Blueprint, setting: Setting, http: aiohttp.ClientSession, news: asyncio.Event
) -> dict[str, Comparing]:
    places = Places(setting.endpoints)
    places.check()
    monolith = asking.Side(http, places, MONOLITH, blueprint.monolith.timeout)
    services = {name: service.timeout for name, service in blueprint.services().items()}
    functions = {name: function.timeout for name, function in blueprint.functions().items()}
    timeouts = {**services, **functions}
    pieces = {name: piece for name, piece in blueprint.slices.items() if piece.routes}
    most = max(LEAST, min(SHARE, COPIES // max(1, len(pieces))))
    room = Room(BODIES)

    def comparing(piece: Slice) -> Comparing:
        measure = Measure(piece.compare_headers, tuple(map(parse, piece.ignore)))
        new = asking.Side(http, places, piece.to, timeouts[piece.to])
        return Comparing(
            piece=piece,
            measure=measure,
            sides=Sides(monolith, new),
            room=room,
            most=most,
            news=news.set,
        )

    return {name: comparing(piece) for name, piece in pieces.items()}


async def _listen(slices: dict[str, Comparing], setting: Setting, headers: int) -> web.AppRunner:
    """The edge takes more headers than a server does by default: so do we."""
    runner = web.AppRunner(
        intake.app(slices),
        access_log=None,
        shutdown_timeout=GRACE,
        max_line_size=headers,
        max_field_size=headers,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, setting.listen, setting.port).start()
    except OSError as error:
        await runner.cleanup()
        raise PortTaken(
            f"port {setting.port} cannot be listened on: {error.strerror}", where="comparison"
        ) from error
    return runner


async def _first(telling: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """Wait for a signal; a duty that breaks ends the process with its error."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({telling, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if telling in done:
        telling.result()
