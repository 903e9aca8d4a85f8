"""`matapalo relay`: HTTP to a function that runs on Lambda.

    edge ─HTTP─▶ relay ─Invoke (signed)─▶ Lambda

Envoy cannot make the event that API Gateway makes. The relay makes it as the host on a laptop does,
with the same code: a function gets one shape of event, whoever calls it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from matapalo.blueprint import Blueprint
from matapalo.local.functions.gateway import Gateway, answered
from matapalo.local.functions.outcome import MOST_BYTES, Kind, Outcome, failed, timed_out
from matapalo.local.functions.serve import listening, say

HEALTH = "/.matapalo/health"
REFUSED = {
    "TooManyRequestsException": Kind.THROTTLED,
    "RequestTooLargeException": Kind.TOO_LARGE,
}
"""What Lambda calls its refusals: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html."""
PATIENCE = 5.0
"""Seconds beyond a function's time limit: for the way, and for a cold start."""


def gateway_of(blueprint: Blueprint, name: str, arn: str) -> Gateway:
    """Return what leads to a function: its own routes, and those of slices that it takes over."""
    taken_over = (piece.routes for piece in blueprint.slices.values() if piece.to == name)
    groups = (blueprint.functions()[name].routes, *taken_over)
    return Gateway(
        routes=tuple(route for routes in groups for route in routes),
        account=arn.split(":")[4],
        hops=blueprint.edge.hops,
    )


@dataclass(frozen=True, slots=True)
class Remote:
    """A function on Lambda."""

    arn: str
    timeout: float
    """Its time limit, in seconds."""
    most: int
    """How many calls are made at once."""
    client: Any
    """boto3's for Lambda. It must not try again: a write is not to be made twice."""

    def invoke(self, event: bytes, request_id: str) -> Outcome:
        """Invoke it once, and return what came of it."""
        try:
            said = self.client.invoke(FunctionName=self.arn, Payload=event)
            payload = said["Payload"].read()
        except ClientError as error:
            kind = REFUSED.get(error.response["Error"]["Code"], Kind.EXITED)
            return _told(kind, error, request_id)
        except ReadTimeoutError:
            return timed_out(self.timeout, request_id)
        except BotoCoreError as error:
            return _told(Kind.EXITED, error, request_id)
        return Outcome(Kind.ERROR if said.get("FunctionError") else Kind.DONE, payload)


async def relay(gateway: Gateway, remote: Remote, address: str, port: int) -> None:
    """Serve until SIGTERM. Raises PortTaken."""
    with ThreadPoolExecutor(max_workers=remote.most, thread_name_prefix="invoke") as threads:
        loop = asyncio.get_running_loop()

        async def invoke(event: bytes, request_id: str, _trace: str) -> Outcome:
            return await loop.run_in_executor(threads, remote.invoke, event, request_id)

        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get(HEALTH, _health)
        app.router.add_route("*", "/{path:.*}", lambda request: answered(request, gateway, invoke))
        async with listening(app, address, port, grace=remote.timeout + PATIENCE) as stop:
            say(f"{remote.arn} is reached by port {port}")
            await stop.wait()


def _told(kind: Kind, error: Exception, request_id: str) -> Outcome:
    say(f"{request_id} {error}")
    return failed(kind, type(error).__name__, str(error), request_id)


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
