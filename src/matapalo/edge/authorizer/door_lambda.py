"""The door for API Gateway: a Lambda REQUEST authorizer (HTTP API, payload 2.0, simple answers).

It is told by its environment what the blueprint says:

    MATAPALO_LOGIN              the blueprint's `security.login`, as JSON, with its `url`
    MATAPALO_OPTIONAL           the blueprint's `security.optional`, as JSON
    MATAPALO_PUBLIC             the blueprint's `security.public`, as JSON
    MATAPALO_DOOR               the word that CloudFront adds to every request, if it does
    MATAPALO_LOGIN_SECRET       our secret towards the introspection endpoint, or
    MATAPALO_LOGIN_SECRET_ARN   where Secrets Manager keeps it

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import asyncio
import hmac
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import aiohttp
from pydantic import TypeAdapter

from matapalo.blueprint import Introspection, Jwt, Route, Session
from matapalo.blueprint.claims import ancestors
from matapalo.edge.authorizer.credential import Login
from matapalo.edge.authorizer.decide import Authorizer
from matapalo.edge.authorizer.decision import AuthRequest, Decision

Event = Mapping[str, Any]

DOOR = "x-matapalo-door"
"""The header of the word by which a request is known to have come through CloudFront."""


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
        # The user is named even where there is none: API Gateway writes it over what a caller says.
        "context": {key: value for key, value in context.items() if value or key == "user"},
    }


def asked(event: Event, optional: Iterable[Route]) -> AuthRequest:
    """Return what an event asks."""
    headers = headers_of(event)
    # API Gateway takes cookies out of the headers.
    if event.get("cookies"):
        headers["cookie"] = "; ".join(event["cookies"])
    return AuthRequest(headers, optional=_covers(optional, event))


def headers_of(event: Event) -> dict[str, str]:
    """Return an event's headers, their names in lower case."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def came_through(event: Event, word: str) -> bool:
    """Whether a request came through the door that knows the word; any does if there is none."""
    said = headers_of(event).get(DOOR, "")
    return not word or hmac.compare_digest(said.encode(), word.encode())


def anybody(event: Event, public: Iterable[Route], optional: Iterable[Route]) -> bool:
    """Whether anybody may do it, whatever he shows: the longest path counts, as at the edge."""
    claimed = _longest(public, event)
    return claimed is not None and claimed > (_longest(optional, event) or "")


def _covers(routes: Iterable[Route], event: Event) -> bool:
    return _longest(routes, event) is not None


def _longest(routes: Iterable[Route], event: Event) -> str | None:
    """Return the longest path of those routes that a request falls under."""
    http = event["requestContext"]["http"]
    named = {r.path for r in routes if not r.methods or http["method"] in r.methods}
    return next((path for path in ancestors(http["path"]) if path in named), None)


async def _decide(event: Event) -> Decision:
    if not came_through(event, os.environ.get("MATAPALO_DOOR", "")):
        return Decision("deny", 403, why="this is not the way in")
    public, optional = _routes("MATAPALO_PUBLIC"), _routes("MATAPALO_OPTIONAL")
    if anybody(event, public, optional):
        return Decision("allow", 200)
    return await _authorizer().decide(asked(event, optional))


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
def _routes(variable: str) -> tuple[Route, ...]:
    routes = TypeAdapter(tuple[Route, ...])
    return routes.validate_json(os.environ.get(variable, "[]"))


def _secret() -> str | None:
    arn = os.environ.get("MATAPALO_LOGIN_SECRET_ARN")
    if not arn:
        return os.environ.get("MATAPALO_LOGIN_SECRET")
    import boto3  # noqa: PLC0415 - Lambda has it; who runs this door elsewhere need not

    found = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
    secret: str = found["SecretString"]
    return secret
