"""`python -m statements`: serve. Reads PORT and MONOLITH_URL."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout, web

from .monolith import Answered, Monolith
from .statement import Month, masked, months_between, statement

SESSION = web.AppKey("session", ClientSession)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
routes = web.RouteTableDef()
answer = partial(web.json_response, dumps=partial(json.dumps, ensure_ascii=False))


@routes.get("/health")
async def get_health(_: web.Request) -> web.Response:
    return answer({"status": "ok"})


@routes.get("/api/statements")
async def get_months(request: web.Request) -> web.Response:
    customer = await _monolith(request).customer()
    opened = datetime.fromisoformat(customer["opened_at"])
    return answer({"months": months_between(opened, datetime.now(UTC))})


@routes.get("/api/statements/{month}")
async def get_statement(request: web.Request) -> web.Response:
    monolith, month = _monolith(request), _month(request.match_info["month"])
    account, movements = await monolith.movements(month)
    if movements:
        opening = movements[-1]["balance"] - movements[-1]["amount"]
    else:
        opening = await monolith.balance_at(month)
    return answer(statement(account, month, opening, movements))


@routes.post("/api/statements")
async def post_statement(request: web.Request) -> web.Response:
    monolith, month = _monolith(request), _month(await _asked(request))
    address = masked((await monolith.customer())["email"])
    await monolith.notify(f"Enviamos tu extracto de {month} a {address}.")
    return answer({"month": str(month), "sent_to": address}, status=202)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Hand on what the monolith refused; say 503 where it does not answer at all."""
    try:
        return await handler(request)
    except Answered as monolith:
        return web.Response(
            status=monolith.status, body=monolith.body, content_type="application/json"
        )
    except (ClientConnectionError, TimeoutError):
        return answer({"error": "unavailable", "message": "Volvemos en un momento."}, status=503)


async def sign(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["x-served-by"] = "statements"


async def connect(app: web.Application) -> AsyncIterator[None]:
    monolith = os.environ["MONOLITH_URL"]
    async with ClientSession(monolith, timeout=ClientTimeout(total=10)) as app[SESSION]:
        yield


def _monolith(request: web.Request) -> Monolith:
    return Monolith(request.app[SESSION], request.headers.get("Authorization", ""))


async def _asked(request: web.Request) -> str:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    return str(body.get("month")) if isinstance(body, dict) else ""


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        problem = {"error": "bad_month", "message": "Escribe el mes así: 2025-03."}
        raise Answered(422, json.dumps(problem, ensure_ascii=False).encode()) from None


app = web.Application(middlewares=[refusals])
app.add_routes(routes)
app.on_response_prepare.append(sign)
app.cleanup_ctx.append(connect)
web.run_app(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    print=None,
    access_log=None,
    shutdown_timeout=10,
)
