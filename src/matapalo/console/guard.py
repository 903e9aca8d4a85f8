"""What every request passes before it reaches the API: the token, and errors told as JSON."""

import hmac
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from matapalo.console.fault import status, told
from matapalo.errors import MatapaloError, RequestRefused

OPEN = frozenset({"/health"})
"""What may be asked without the token."""


def token_needed(token: str) -> Middleware:
    """Let nobody in without the token, and tell him nothing: not even which paths there are."""
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if request.path in OPEN or hmac.compare_digest(given, expected):
            return await handler(request)
        return web.json_response(
            {"error": {"kind": "Unauthorized", "what": "the conductor needs its token"}},
            status=HTTPStatus.UNAUTHORIZED,
            headers={"WWW-Authenticate": "Bearer"},
        )

    return guard


@web.middleware
async def errors_told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with what went wrong."""
    try:
        return await handler(request)
    except MatapaloError as error:
        return web.json_response(told(error), status=status(error))
    except web.HTTPException as error:
        said = RequestRefused(error.text or error.reason, where=request.path)
        return web.json_response(told(said), status=error.status, headers=_allowed(error))


def _allowed(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
