"""The pages, rendered here: log in, look, send, top up, read a statement."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from . import accounts, login, payments, statements
from .books import pesos
from .database import BOGOTA
from .login import Caller
from .refused import Refused
from .web import COOKIE, POOL, closed_tables, find_caller, token_of

HERE = Path(__file__).parent
Page = Callable[[web.Request, Caller], Awaitable[web.Response]]
routes = web.RouteTableDef()
routes.static("/static", HERE / "static")
templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
templates.filters["pesos"] = pesos
templates.filters["moment"] = lambda at: at.astimezone(BOGOTA).strftime("%d/%m/%Y %H:%M")


def show(template: str, status: int = 200, **values: Any) -> web.Response:
    text = templates.get_template(template).render(values)
    return web.Response(text=text, content_type="text/html", status=status)


def member(page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Guard a page: whoever is not logged in goes to the login, a refusal becomes a page."""

    async def guarded(request: web.Request) -> web.Response:
        try:
            caller = await find_caller(request)
        except Refused:
            raise web.HTTPSeeOther("/login") from None
        try:
            with closed_tables():
                return await page(request, caller)
        except Refused as refused:
            return show("refused.html", refused.status, text=refused.text, caller=caller)

    return guarded


@routes.get("/")
async def get_root(_: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/home")


@routes.get("/login")
async def get_login(_: web.Request) -> web.Response:
    return show("login.html")


@routes.post("/login")
async def post_login(request: web.Request) -> web.Response:
    form = await request.post()
    try:
        token, _ = await login.log_in(request.app[POOL], str(form["phone"]), str(form["password"]))
    except (Refused, KeyError):
        return show("login.html", 401, text="El celular o la clave no son correctos.")
    response = web.Response(status=303, headers={"Location": "/home"})
    # Strict: another site's form arrives without it, so it cannot send a customer's money.
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
    return response


@routes.post("/logout")
async def post_logout(request: web.Request) -> web.Response:
    await login.log_out(request.app[POOL], token_of(request))
    response = web.Response(status=303, headers={"Location": "/login"})
    response.del_cookie(COOKIE)
    return response


@routes.get("/home")
@member
async def get_home(request: web.Request, caller: Caller) -> web.Response:
    pool = request.app[POOL]
    return show(
        "home.html",
        caller=caller,
        account=(await accounts.accounts(pool, caller))["accounts"][0],
        movements=await accounts.movements(pool, caller, limit=10),
        notifications=await accounts.notifications(pool, caller),
    )


@routes.get("/send")
@member
async def get_send(_: web.Request, caller: Caller) -> web.Response:
    return show("send.html", caller=caller, key=token_urlsafe(16))


@routes.post("/send")
@member
async def post_send(request: web.Request, caller: Caller) -> web.Response:
    form = await request.post()
    await payments.pay(
        request.app[POOL],
        caller,
        phone=_field(form, "to"),
        amount=_pesos(_field(form, "amount")),
        concept=_field(form, "concept"),
        key=_key(form),
    )
    raise web.HTTPSeeOther("/home")


@routes.get("/topup")
@member
async def get_topup(_: web.Request, caller: Caller) -> web.Response:
    return show("topup.html", caller=caller, key=token_urlsafe(16), sources=payments.SOURCES)


@routes.post("/topup")
@member
async def post_topup(request: web.Request, caller: Caller) -> web.Response:
    form = await request.post()
    await payments.top_up(
        request.app[POOL],
        caller,
        source=_field(form, "source"),
        amount=_pesos(_field(form, "amount")),
        key=_key(form),
    )
    raise web.HTTPSeeOther("/home")


@routes.get("/statements")
@member
async def get_statements(request: web.Request, caller: Caller) -> web.Response:
    months = await statements.months(request.app[POOL], caller)
    return show("statements.html", caller=caller, months=months)


@routes.get("/statements/{month}")
@member
async def get_statement(request: web.Request, caller: Caller) -> web.Response:
    month = request.match_info["month"]
    found = await statements.statement(request.app[POOL], caller, month)
    return show("statement.html", caller=caller, statement=found)


def _field(form: Any, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > 80 or "\0" in value:
        raise Refused(422, f"bad_{name}", "Revisa lo que escribiste.")
    return value.strip()


def _key(form: Any) -> str:
    if key := _field(form, "key"):
        return key
    raise Refused(422, "bad_key", "Revisa lo que escribiste.")


def _pesos(text: str) -> int:
    digits = text.replace(".", "").replace("$", "").strip()
    return int(digits) if digits.isdecimal() else 0
