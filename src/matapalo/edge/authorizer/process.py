"""The process `matapalo authorize`: the door for Envoy, with its sockets and signals."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
from aiohttp import web

from matapalo.blueprint import Blueprint, Jwt
from matapalo.edge.authorizer.credential import Login
from matapalo.edge.authorizer.decide import Authorizer
from matapalo.edge.authorizer.door_envoy import app
from matapalo.edge.endpoints import Endpoint, Endpoints
from matapalo.edge.memory import EndpointsFile
from matapalo.errors import EdgeError

GRACE = 5.0
"""Seconds that requests in flight may take to end."""
CONNECTIONS = 100
"""To the security system at once: it need not bear more than it bears today."""


async def serve(
    blueprint: Blueprint, endpoints: Path, port: int, secret: str | None, listen: str = "127.0.0.1"
) -> None:
    """Answer Envoy until SIGTERM or SIGINT. Raises EdgeError if there is nobody to ask."""
    if blueprint.security is None:
        raise EdgeError(
            "the blueprint has no security system",
            where="security",
            hint="Describe it below `security.login`; without one nobody is asked who he is.",
        )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    login = blueprint.security.login
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=4)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        authorizer = Authorizer(
            login, session=session, where=where(login, EndpointsFile(endpoints)), secret=secret
        )
        await _listen(app(authorizer), listen, port, stop)


async def _listen(
    application: web.Application, address: str, port: int, stop: asyncio.Event
) -> None:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, address, port).start()
    except OSError as error:
        await runner.cleanup()
        raise EdgeError(f"cannot listen: {error.strerror}", where=f"{address}:{port}") from error
    sys.stdout.write(json.dumps({"authorizer": "ready", "port": port}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


def where(login: Login, file: EndpointsFile) -> Callable[[], str | None]:
    """Return what says where the security system is; the monolith may move at any time."""
    url = login.jwks if isinstance(login, Jwt) else login.url
    if url:
        return lambda: url
    known = file.read()

    def at_monolith() -> str | None:
        nonlocal known
        if file.changed():
            known = file.read()
        return _url(known, login.path)

    return at_monolith


def _url(endpoints: Endpoints, path: str) -> str | None:
    at: tuple[Endpoint, ...] = endpoints.at.get("monolith", ())
    if not at:
        return None
    return f"{'https' if at[0].tls else 'http'}://{at[0].host}:{at[0].port}{path}"
