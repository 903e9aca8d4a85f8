"""What API and page share: the application's parts, reading what was sent, and how answers look."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from uuid import UUID

from aiohttp import web

from .ledger import Closed
from .payments import Payments
from .refused import Refused, unavailable

BOGOTA = timezone(timedelta(hours=-5))
PAYMENTS = web.AppKey("payments", Payments)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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


def _refusal(refused: Refused) -> web.Response:
    return answer({"error": refused.code, "message": refused.text}, status=refused.status)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(BOGOTA).isoformat(timespec="milliseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


answer = partial(web.json_response, dumps=partial(json.dumps, default=_plain, ensure_ascii=False))
