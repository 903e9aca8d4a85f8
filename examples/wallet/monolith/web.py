"""What pages and API share: the application's parts, who is calling, and how answers look."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web
from psycopg import DatabaseError, OperationalError
from psycopg_pool import PoolTimeout

from .database import BOGOTA, Pool
from .login import Caller, caller_of
from .refused import Refused

POOL = web.AppKey("pool", Pool)
SECRET = web.AppKey("secret", str)
INTERNAL = web.AppKey("internal", str)
COOKIE = "totumo"
CLOSED = "MP001"
"""The SQLSTATE of a table that another application has taken over."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def token_of(request: web.Request) -> str:
    """Return the token that the request bears: in its header, or a browser in its cookie."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else request.cookies.get(COOKIE, "")


async def find_caller(request: web.Request) -> Caller:
    token = token_of(request)
    caller = await caller_of(request.app[POOL], token) if token else None
    if caller is None:
        raise Refused(401, "not_logged_in", "Ingresa de nuevo, por favor.")
    return caller


def answer(value: object, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=_dumps)


async def body_of(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "bad_json", "Se espera un objeto JSON.")
    return body


def text_of(value: object, name: str, most: int = 80) -> str:
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise Refused(422, f"bad_{name}", f"{name}: texto de hasta {most} letras.")
    return value.strip()


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what was refused into an answer; a database that is away into 503."""
    try:
        with closed_tables():
            return await handler(request)
    except Refused as refused:
        return answer({"error": refused.code, "message": refused.text}, refused.status)
    except (OperationalError, PoolTimeout):
        text = "Volvemos en un momento."
        return answer({"error": "unavailable", "message": text}, 503)


@contextmanager
def closed_tables() -> Iterator[None]:
    """Refuse what a table is closed to: another application writes it now. Nothing was written."""
    try:
        yield
    except DatabaseError as error:
        if error.sqlstate != CLOSED:
            raise
        text = "En este momento eso no se hace aquí. Intenta de nuevo en la app."
        raise Refused(503, "elsewhere", text) from error


async def sign(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["x-served-by"] = "monolith"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(BOGOTA).isoformat(timespec="milliseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_dumps = partial(json.dumps, default=_plain, ensure_ascii=False)
