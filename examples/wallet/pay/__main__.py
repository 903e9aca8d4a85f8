"""`python -m pay`: serve."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import ClientSession, ClientTimeout, web

from .ledger import Closed, pool_of
from .monolith import Monolith
from .payment import Caller
from .payments import Payments
from .refused import Refused, unavailable
from .sweep import keep_sweeping

BOGOTA = timezone(timedelta(hours=-5))
PAYMENTS = web.AppKey("payments", Payments)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
routes = web.RouteTableDef()


@routes.get("/health")
async def get_health(_: web.Request) -> web.Response:
    return answer({"status": "ok"})


@routes.get("/api/payments")
async def get_payments(request: web.Request) -> web.Response:
    return answer({"payments": await request.app[PAYMENTS].latest(await _caller(request))})


@routes.post("/api/payments")
async def post_payment(request: web.Request) -> web.Response:
    caller, body = await _caller(request), await _body(request)
    payment, made = await request.app[PAYMENTS].pay(
        caller,
        phone=_text(body.get("to"), "to"),
        amount=body.get("amount", 0),
        concept=_text(body.get("concept", ""), "concept"),
        key=_key(request),
    )
    return answer(payment, status=201 if made else 200)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say why not, in the monolith's words."""
    try:
        return await handler(request)
    except Refused as refused:
        return _refusal(refused)
    except Closed:
        return _refusal(unavailable())


async def sign(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["x-served-by"] = "payments"


async def connect(app: web.Application) -> AsyncIterator[None]:
    timeout = ClientTimeout(total=10)
    async with (
        pool_of(os.environ["LEDGER_URL"]) as pool,
        ClientSession(os.environ["MONOLITH_URL"], timeout=timeout) as session,
    ):
        monolith = Monolith(session, os.environ.get("INTERNAL_SECRET", ""))
        app[PAYMENTS] = Payments(pool, monolith)
        sweeping = asyncio.create_task(keep_sweeping(pool, monolith))
        yield
        sweeping.cancel()
        await asyncio.wait({sweeping})


def _refusal(refused: Refused) -> web.Response:
    return answer({"error": refused.code, "message": refused.text}, status=refused.status)


async def _caller(request: web.Request) -> Caller:
    return await request.app[PAYMENTS].monolith.caller(request.headers.get("Authorization", ""))


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "bad_json", "Se espera un objeto JSON.")
    return body


def _text(value: object, name: str, most: int = 80) -> str:
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise Refused(422, f"bad_{name}", f"{name}: texto de hasta {most} letras.")
    return value.strip()


def _key(request: web.Request) -> str:
    key = _text(request.headers.get("Idempotency-Key", ""), "key")
    if not key:
        raise Refused(400, "key_missing", "Falta el encabezado Idempotency-Key.")
    return key


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(BOGOTA).isoformat(timespec="milliseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


answer = partial(web.json_response, dumps=partial(json.dumps, default=_plain, ensure_ascii=False))
app = web.Application(middlewares=[refusals], client_max_size=64 * 1024)
app.add_routes(routes)
app.on_response_prepare.append(sign)
app.cleanup_ctx.append(connect)
print(f"payments listen on port {os.environ['PORT']}", flush=True)
web.run_app(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    print=None,
    access_log=None,
    shutdown_timeout=10,
)
