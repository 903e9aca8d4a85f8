"""The JSON API, as the monolith had it."""

import json
from typing import Any

from aiohttp import web

from .payment import Caller
from .refused import Refused
from .web import PAYMENTS, answer

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
