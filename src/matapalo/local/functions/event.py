"""From an HTTP request to the event that API Gateway makes of it.

The format is the HTTP API's Lambda proxy integration, payload 2.0. Beyond its documentation, as
measured on AWS: the path arrives decoded, except that %25 stays; a body is text only for a few
content types, and base64 for every other, a form's among them.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from matapalo.blueprint import Route
from matapalo.local.functions.describe import ACCOUNT

TEXT_TYPES = {"application/json", "application/xml", "application/javascript"}
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
USER_HEADER = "x-matapalo-user"


@dataclass(frozen=True)
class Request:
    """An HTTP request, as it came."""

    method: str
    path: str
    """Still percent-encoded, without the query."""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    peer: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"


def event_of(
    request: Request,
    routes: Iterable[Route],
    request_id: str,
    at: datetime,
    *,
    account: str = ACCOUNT,
    hops: int = 0,
) -> dict[str, Any]:
    """Return the event for a request that arrived at a moment, at an edge behind `hops` proxies."""
    headers = _joined((name.lower(), value) for name, value in request.headers)
    cookies = [cookie for cookie in headers.pop("cookie", "").split("; ") if cookie]
    path = _decoded(request.path)
    route_key, path_parameters = _route(routes, request.method, path)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": {name: value for name, value in headers.items() if name not in HOP_BY_HOP},
        "requestContext": {
            **_context(request, headers, path, account, hops),
            "requestId": request_id,
            "routeKey": route_key,
            "time": at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(at.timestamp() * 1000),
        },
        **_body(request.body, headers.get("content-type", "")),
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    if path_parameters:
        event["pathParameters"] = path_parameters
    return event


def _context(
    request: Request, headers: Mapping[str, str], path: str, account: str, hops: int
) -> dict[str, Any]:
    domain = headers.get("host", "localhost").rsplit(":", 1)[0]
    context: dict[str, Any] = {
        "accountId": account,
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split(".", 1)[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": request.protocol,
            "sourceIp": _source(headers.get("x-forwarded-for", request.peer), hops),
            "userAgent": headers.get("user-agent", ""),
        },
        "stage": "$default",
    }
    if user := headers.get(USER_HEADER):
        context["authorizer"] = {"lambda": {"user": user}}
    return context


def _source(forwarded: str, hops: int) -> str:
    """The last address is the one that the edge itself saw, a proxy's if it is behind one."""
    addresses = [address.strip() for address in forwarded.split(",")]
    return addresses[max(0, len(addresses) - 1 - hops)]


def _route(routes: Iterable[Route], method: str, path: str) -> tuple[str, dict[str, str] | None]:
    """Return the key of the longest route that takes the request, and its path parameters."""
    fitting = [
        route
        for route in routes
        if (not route.methods or method in route.methods)
        and (path == route.path or path.startswith(f"{route.path.rstrip('/')}/"))
    ]
    if not fitting:
        return "$default", None
    route = max(fitting, key=lambda route: (len(route.path), len(route.methods)))
    verb = method if route.methods else "ANY"
    rest = path[len(route.path) :].lstrip("/")
    if not rest:
        return f"{verb} {route.path}", None
    return f"{verb} {route.path.rstrip('/')}/{{proxy+}}", {"proxy": rest}


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    if not body:
        return {"isBase64Encoded": False}
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind.startswith("text/") or kind in TEXT_TYPES:
        return {"body": body.decode(errors="replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join the values of a name that comes more than once: by a comma, a cookie's by `; `."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        between = "; " if name == "cookie" else ","
        joined[name] = f"{joined[name]}{between}{value}" if name in joined else value
    return joined


def _decoded(path: str) -> str:
    return "%25".join(unquote(part) for part in re.split("%25", path))
