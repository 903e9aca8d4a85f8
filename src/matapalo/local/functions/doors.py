"""The two doors of a function: HTTP as API Gateway brings it, and Lambda's Invoke API.

/.matapalo/health                                 how it is
POST /2015-03-31/functions/NAME/invocations       Invoke: the body is the event
everything else                                   an HTTP request, turned into an event
"""

import json
from uuid import uuid4

from aiohttp import web

from matapalo.local.functions.describe import VERSION
from matapalo.local.functions.gateway import Gateway, answered
from matapalo.local.functions.outcome import MOST_BYTES, Kind, Outcome
from matapalo.local.functions.pool import Pool

POOL = web.AppKey("pool", Pool)


def application(pool: Pool) -> web.Application:
    """Return the web application that serves a function."""
    app = web.Application(client_max_size=MOST_BYTES)
    app[POOL] = pool
    app.router.add_get("/.matapalo/health", _health)
    app.router.add_post("/2015-03-31/functions/{name}/invocations", _invoke)
    app.router.add_route("*", "/{path:.*}", _http)
    return app


async def _health(request: web.Request) -> web.Response:
    pool = request.app[POOL]
    return web.json_response({"status": "ok", "sandboxes": pool.size, "counts": pool.counts})


async def _http(request: web.Request) -> web.Response:
    pool = request.app[POOL]

    async def invoke(event: bytes, request_id: str, trace: str) -> Outcome:
        return await pool.invoke(event, request_id=request_id, trace=trace)

    return await answered(request, Gateway(pool.function.routes, hops=pool.function.hops), invoke)


async def _invoke(request: web.Request) -> web.Response:
    """Invoke as Lambda has it: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html."""
    pool, name = request.app[POOL], request.match_info["name"]
    if not pool.function.is_called(name):
        return _refuse(404, "ResourceNotFoundException", f"Function not found: {name}")
    way = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    if way == "DryRun":
        return web.Response(status=204)
    if way != "RequestResponse":
        return _refuse(400, "InvalidParameterValueException", f"Not served here: {way}")
    return await _invoke_now(request, pool)


async def _invoke_now(request: web.Request, pool: Pool) -> web.Response:
    try:
        payload = await request.read() or b"{}"
        json.loads(payload)
    except web.HTTPRequestEntityTooLarge:
        return _refuse(413, "RequestTooLargeException", f"The most is {MOST_BYTES} bytes")
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        return _refuse(400, "InvalidRequestContentException", message)
    request_id = str(uuid4())
    trace = request.headers.get("X-Amzn-Trace-Id", "")
    outcome = await pool.invoke(payload, request_id=request_id, trace=trace)
    if outcome.kind is Kind.THROTTLED:
        return _refuse(429, "TooManyRequestsException", "Rate Exceeded.")
    headers = {"x-amzn-RequestId": request_id, "X-Amz-Executed-Version": VERSION}
    if outcome.is_function_error:
        headers["X-Amz-Function-Error"] = "Unhandled"
    return web.Response(body=outcome.payload, content_type="application/json", headers=headers)


def _refuse(status: int, kind: str, message: str) -> web.Response:
    body = {"Type": "User", "Message": message, "message": message}
    return web.json_response(body, status=status, headers={"x-amzn-ErrorType": kind})
