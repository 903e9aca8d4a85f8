"""The Lambda Runtime API (version 2018-06-01), as one sandbox sees it.

A sandbox asks for its next event and waits; it hands back a response or an error; before its first
event it may say that it cannot start. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from matapalo.local.functions.outcome import MOST_BYTES, Kind, Outcome, failed

DAY = 24 * 3600


@dataclass(frozen=True)
class Event:
    """An event on its way to a handler."""

    request_id: str
    payload: bytes
    deadline_ms: int
    """When its time is over, in milliseconds since 1970."""
    arn: str
    trace: str = ""


class RuntimeApi:
    """One sandbox's end of the Runtime API, on a port of its own."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[Outcome | None] = loop.create_future()
        """Done when the handler is loaded (None) or could not be (what went wrong)."""
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._waiting: tuple[str, asyncio.Future[Outcome]] | None = None
        self._runner = web.AppRunner(
            self._application(), access_log=None, keepalive_timeout=DAY, shutdown_timeout=1
        )

    async def listen(self) -> str:
        """Begin to listen, and return the address (`host:port`)."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening; a sandbox that waits for an event is told that there is none."""
        self._events.put_nowait(None)
        await self._runner.cleanup()

    def send(self, event: Event) -> asyncio.Future[Outcome]:
        """Give the sandbox an event; the future is done when it has answered."""
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting = (event.request_id, answered)
        self._events.put_nowait(event)
        return answered

    def fail(self, outcome: Outcome) -> None:
        """Answer for a sandbox that will not: both its start and its event."""
        if not self.started.done():
            self.started.set_result(outcome)
        if self._waiting and not self._waiting[1].done():
            self._waiting[1].set_result(outcome)

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BYTES)
        at = "/2018-06-01/runtime"
        app.add_routes(
            [
                web.get(f"{at}/invocation/next", self._next),
                web.post(f"{at}/invocation/{{id}}/response", self._response),
                web.post(f"{at}/invocation/{{id}}/error", self._error),
                web.post(f"{at}/init/error", self._init_error),
            ]
        )
        return app

    async def _next(self, _: web.Request) -> web.Response:
        if not self.started.done():
            self.started.set_result(None)
        event = await self._events.get()
        if event is None:
            raise web.HTTPGone
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": event.arn,
            "Lambda-Runtime-Trace-Id": event.trace,
        }
        return web.Response(body=event.payload, content_type="application/json", headers=headers)

    async def _response(self, request: web.Request) -> web.Response:
        if (request.content_length or 0) > MOST_BYTES:
            message = f"Response payload size exceeded {MOST_BYTES} bytes."
            error = "Function.ResponseSizeTooLarge"
            return self._settle(
                request, failed(Kind.ERROR, error, message, request.match_info["id"])
            )
        return self._settle(request, Outcome(Kind.DONE, await request.read()))

    async def _error(self, request: web.Request) -> web.Response:
        return self._settle(request, await _error_in(request))

    async def _init_error(self, request: web.Request) -> web.Response:
        self.fail(await _error_in(request))
        return web.json_response({"status": "OK"}, status=202)

    def _settle(self, request: web.Request, outcome: Outcome) -> web.Response:
        expected, answered = self._waiting or ("", None)
        if answered is None or answered.done() or request.match_info["id"] != expected:
            problem = {"errorType": "InvalidRequestID", "errorMessage": "no such event in flight"}
            return web.json_response(problem, status=400)
        answered.set_result(outcome)
        return web.json_response({"status": "OK"}, status=202)


async def _error_in(request: web.Request) -> Outcome:
    kind = request.headers.get("Lambda-Runtime-Function-Error-Type", "Unhandled")
    return Outcome(Kind.ERROR, await request.read(), kind)
