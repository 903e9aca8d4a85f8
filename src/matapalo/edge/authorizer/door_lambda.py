"""The door for API Gateway: a Lambda REQUEST authorizer (HTTP API, payload 2.0, simple answers).

It is told by its environment what the blueprint says:

    MATAPALO_LOGIN              the blueprint's `security.login`, as JSON, with its `url`
    MATAPALO_OPTIONAL           the blueprint's `security.optional`, as JSON
    MATAPALO_LOGIN_SECRET       our secret towards the introspection endpoint, or
    MATAPALO_LOGIN_SECRET_ARN   where Secrets Manager keeps it

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import asyncio
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import aiohttp
from pydantic import TypeAdapter

from matapalo.blueprint import Introspection, Jwt, Route, Session
from matapalo.edge.authorizer.credential import Login
from matapalo.edge.authorizer.decide import Authorizer
from matapalo.edge.authorizer.decision import AuthRequest, Decision
from matapalo.edge.claims import ancestors

Event = Mapping[str, Any]


class NotNow(RuntimeError):
    """Raised to API Gateway, which answers 500: no is as wrong as yes."""


def handler(event: Event, _context: object) -> dict[str, Any]:
    """Answer one event."""
    decision = _loop().run_until_complete(_decide(event))
    return answer(decision)


def answer(decision: Decision) -> dict[str, Any]:
    """Return a decision as API Gateway reads it. Raises NotNow."""
    if decision.outcome == "unavailable":
        raise NotNow(decision.why)
    context = {"user": decision.user, "scopes": " ".join(decision.scopes), "why": decision.why}
    return {
        "isAuthorized": decision.outcome == "allow",
        "context": {key: value for key, value in context.items() if value},
    }


def asked(event: Event, optional: Iterable[Route]) -> AuthRequest:
    """Return what an event asks."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    # API Gateway takes cookies out of the headers.
    if event.get("cookies"):
        headers["cookie"] = "; ".join(event["cookies"])
    http = event["requestContext"]["http"]
    return AuthRequest(headers, optional=_covered(optional, http["method"], http["path"]))


def _covered(routes: Iterable[Route], method: str, path: str) -> bool:
    above = set(ancestors(path))
    return any(r.path in above and (not r.methods or method in r.methods) for r in routes)


async def _decide(event: Event) -> Decision:
    return await _authorizer().decide(asked(event, _optional()))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all events, as the connections belong to it."""
    return asyncio.new_event_loop()


@cache
def _authorizer() -> Authorizer:
    adapter: TypeAdapter[Login] = TypeAdapter(Introspection | Jwt | Session)
    login = adapter.validate_json(os.environ["MATAPALO_LOGIN"])
    url = login.jwks if isinstance(login, Jwt) else login.url
    return Authorizer(login, session=aiohttp.ClientSession(), where=lambda: url, secret=_secret())


@cache
def _optional() -> tuple[Route, ...]:
    routes = TypeAdapter(tuple[Route, ...])
    return routes.validate_json(os.environ.get("MATAPALO_OPTIONAL", "[]"))


def _secret() -> str | None:
    arn = os.environ.get("MATAPALO_LOGIN_SECRET_ARN")
    if not arn:
        return os.environ.get("MATAPALO_LOGIN_SECRET")
    import boto3  # noqa: PLC0415 - Lambda has it; who runs this door elsewhere need not

    found = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
    secret: str = found["SecretString"]
    return secret
