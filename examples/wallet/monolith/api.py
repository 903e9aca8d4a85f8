"""The JSON API, for the app on the phone."""

from datetime import datetime

from aiohttp import web

from . import accounts, login, payments, statements
from .limits import limits
from .refused import Refused
from .web import POOL, SECRET, answer, body_of, find_caller, text_of, token_of

routes = web.RouteTableDef()


@routes.get("/health")
async def health(request: web.Request) -> web.Response:
    async with request.app[POOL].connection() as connection:
        await connection.execute("select 1")
    return answer({"status": "ok"})


@routes.post("/api/login")
async def post_login(request: web.Request) -> web.Response:
    body = await body_of(request)
    phone, password = text_of(body.get("phone"), "phone"), text_of(body.get("password"), "password")
    token, name = await login.log_in(request.app[POOL], phone, password)
    life = int(login.LIFE.total_seconds())
    return answer({"token": token, "token_type": "Bearer", "expires_in": life, "name": name})


@routes.post("/api/logout")
async def post_logout(request: web.Request) -> web.Response:
    await login.log_out(request.app[POOL], token_of(request))
    return web.Response(status=204)


@routes.post("/oauth/introspect")
async def post_introspect(request: web.Request) -> web.Response:
    if not login.is_client(request.headers.get("Authorization", ""), request.app[SECRET]):
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="totumo"'})
    token = (await request.post()).get("token")
    if not isinstance(token, str):
        raise Refused(400, "invalid_request", "Falta token.")
    return answer(await login.introspect(request.app[POOL], token))


@routes.get("/api/accounts")
async def get_accounts(request: web.Request) -> web.Response:
    return answer(await accounts.accounts(request.app[POOL], await find_caller(request)))


@routes.get("/api/movements")
async def get_movements(request: web.Request) -> web.Response:
    caller = await find_caller(request)
    try:
        since, until = (
            datetime.fromisoformat(asked) if (asked := request.query.get(name)) else always
            for name, always in zip(("since", "until"), accounts.ALWAYS, strict=True)
        )
        before = int(request.query.get("before", accounts.NEWEST))
        limit = int(request.query.get("limit", 20))
    except ValueError:
        raise Refused(
            422, "bad_range", "since y until son fechas; before y limit, números."
        ) from None
    found = await accounts.movements(
        request.app[POOL],
        caller,
        between=(since, until),
        before=min(before, accounts.NEWEST),
        limit=max(1, min(limit, 500)),
    )
    return answer({"account": caller.account, "movements": found})


@routes.get("/api/payments")
async def get_payments(request: web.Request) -> web.Response:
    found = await payments.payments(request.app[POOL], await find_caller(request))
    return answer({"payments": found})


@routes.post("/api/payments")
async def post_payment(request: web.Request) -> web.Response:
    caller, body = await find_caller(request), await body_of(request)
    payment, made = await payments.pay(
        request.app[POOL],
        caller,
        phone=text_of(body.get("to"), "to"),
        amount=body.get("amount", 0),
        concept=text_of(body.get("concept", ""), "concept"),
        key=_key_of(request),
    )
    return answer(payment, 201 if made else 200)


@routes.post("/api/topups")
async def post_topup(request: web.Request) -> web.Response:
    caller, body = await find_caller(request), await body_of(request)
    topup, made = await payments.top_up(
        request.app[POOL],
        caller,
        source=text_of(body.get("source"), "source"),
        amount=body.get("amount", 0),
        key=_key_of(request),
    )
    return answer(topup, 201 if made else 200)


@routes.get("/api/limits")
async def get_limits(request: web.Request) -> web.Response:
    return answer(await limits(request.app[POOL], await find_caller(request)))


@routes.get("/api/notifications")
async def get_notifications(request: web.Request) -> web.Response:
    found = await accounts.notifications(request.app[POOL], await find_caller(request))
    return answer({"notifications": found})


@routes.post("/api/notifications")
async def post_notification(request: web.Request) -> web.Response:
    caller, body = await find_caller(request), await body_of(request)
    text = text_of(body.get("text"), "text", most=200)
    return answer(await accounts.notify(request.app[POOL], caller, text), 201)


@routes.get("/api/statements")
async def get_months(request: web.Request) -> web.Response:
    found = await statements.months(request.app[POOL], await find_caller(request))
    return answer({"months": found})


@routes.get("/api/statements/{month}")
async def get_statement(request: web.Request) -> web.Response:
    caller = await find_caller(request)
    return answer(
        await statements.statement(request.app[POOL], caller, request.match_info["month"])
    )


@routes.post("/api/statements")
async def post_statement(request: web.Request) -> web.Response:
    caller, body = await find_caller(request), await body_of(request)
    month = text_of(body.get("month"), "month")
    return answer(await statements.send(request.app[POOL], caller, month), 202)


def _key_of(request: web.Request) -> str:
    key = text_of(request.headers.get("Idempotency-Key", ""), "key")
    if not key:
        raise Refused(400, "key_missing", "Falta el encabezado Idempotency-Key.")
    return key
