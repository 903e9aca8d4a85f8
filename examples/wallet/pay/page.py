"""The form with which people send money. The monolith shows it; what it sends comes here."""

from html import escape
from typing import Any

from aiohttp import web

from .ledger import Closed
from .refused import Refused, unavailable
from .web import PAYMENTS

COOKIE = "totumo"
"""The cookie in which the monolith's pages keep the token."""
routes = web.RouteTableDef()
REFUSED = """<!doctype html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Totumo</title>
  <link rel="stylesheet" href="/static/style.css">
</head>
<body>
  <main>
    <h1>No se pudo</h1>
    <p class="refused" role="alert">{text}</p>
    <p><a href="/home">Volver al inicio</a></p>
  </main>
</body>
</html>
"""


@routes.post("/send")
async def post_send(request: web.Request) -> web.Response:
    try:
        await _send(request)
    except Refused as refused:
        if refused.status == 401:
            raise web.HTTPSeeOther("/login") from None
        return _refusal(refused)
    except Closed:
        return _refusal(unavailable())
    raise web.HTTPSeeOther("/home")


async def _send(request: web.Request) -> None:
    payments, token = request.app[PAYMENTS], request.cookies.get(COOKIE, "")
    caller = await payments.monolith.caller(f"Bearer {token}")
    form = await request.post()
    await payments.pay(
        caller,
        phone=_field(form, "to"),
        amount=_pesos(_field(form, "amount")),
        concept=_field(form, "concept"),
        key=_key(form),
    )


def _refusal(refused: Refused) -> web.Response:
    text = REFUSED.format(text=escape(refused.text))
    return web.Response(text=text, content_type="text/html", status=refused.status)


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
