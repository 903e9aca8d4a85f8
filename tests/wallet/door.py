"""A door before the wallet's processes that does with requests what a test wants."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.wallet.town import Town

Choice = Callable[[web.Request], bool]


def never(_: web.Request) -> bool:
    return False


@dataclass
class Door:
    """Which requests the new service answers, and what goes wrong."""

    url: str = ""
    to_new: Choice = never
    lose_the_answer: Choice = never
    """The request is done, and its answer lost on the way back."""
    refuse: Choice = never
    passed: int = 0
    _town: Town = field(default_factory=lambda: Town("", "", ""))

    async def serve(self, request: web.Request, session: aiohttp.ClientSession) -> web.Response:
        self.passed += 1
        if self.refuse(request):
            return web.Response(status=503)
        upstream = self._new(request) if self.to_new(request) else self._town.monolith
        async with session.request(
            request.method,
            upstream + request.raw_path,
            headers=request.headers,
            data=await request.read(),
        ) as answer:
            body = await answer.read()
        if self.lose_the_answer(request):
            assert request.transport
            request.transport.abort()
        headers = {"x-served-by": answer.headers.get("x-served-by", "")}
        return web.Response(
            status=answer.status, body=body, headers=headers, content_type=answer.content_type
        )

    def _new(self, request: web.Request) -> str:
        is_payment = request.path.startswith("/api/payments")
        return self._town.payments if is_payment else self._town.statements


@asynccontextmanager
async def door_to(town: Town) -> AsyncIterator[Door]:
    door = Door(_town=town)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def serve(request: web.Request) -> web.Response:
            return await door.serve(request, session)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield door
        finally:
            await runner.cleanup()
