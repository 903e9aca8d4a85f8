"""What API Gateway does between an HTTP request and a function: event in, answer out."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from aiohttp import web
from multidict import CIMultiDict

from matapalo.blueprint import Route
from matapalo.local.functions.answer import OWN_ANSWERS, answer_of
from matapalo.local.functions.describe import ACCOUNT
from matapalo.local.functions.event import Request, event_of
from matapalo.local.functions.outcome import Kind, Outcome

Invoke = Callable[[bytes, str, str], Awaitable[Outcome]]
"""Invokes a function with an event, a request's id and its trace."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Which routes lead to a function, in whose account, behind how many proxies."""

    routes: tuple[Route, ...]
    account: str = ACCOUNT
    hops: int = 0


async def answered(request: web.Request, gateway: Gateway, invoke: Invoke) -> web.Response:
    """Return what a function answers to an HTTP request."""
    request_id = str(uuid4())
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        answer = OWN_ANSWERS[Kind.TOO_LARGE]
    else:
        trace = request.headers.get("x-amzn-trace-id", "")
        event = _event(request, body, gateway, request_id)
        answer = answer_of(await invoke(event, request_id, trace))
    headers = CIMultiDict([*answer.headers, ("apigw-requestid", request_id)])
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def _event(request: web.Request, body: bytes, gateway: Gateway, request_id: str) -> bytes:
    event = event_of(
        _as_value(request, body),
        gateway.routes,
        request_id,
        datetime.now(UTC),
        account=gateway.account,
        hops=gateway.hops,
    )
    return json.dumps(event).encode()


def _as_value(request: web.Request, body: bytes) -> Request:
    path, _, query = request.raw_path.partition("?")
    return Request(
        method=request.method,
        path=path,
        query=query,
        headers=tuple(request.headers.items()),
        body=body,
        peer=request.remote or "127.0.0.1",
        protocol=f"HTTP/{request.version.major}.{request.version.minor}",
    )
