"""The intake: it takes copies from the edge, and answers before anything is done with them."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from matapalo.blueprint.route import SAFE_METHODS
from matapalo.compare.comparing import Comparing
from matapalo.compare.copy import SLICE, Copy, asked_with

_TARGET = re.compile(r"/[^\x00-\x20#\x7f-\U0010ffff]*")


def app(slices: Mapping[str, Comparing]) -> web.Application:
    """Return the application."""

    async def take(request: web.Request) -> web.Response:
        """202 for a copy; without the header that makes it one, only `/health` is answered."""
        name = request.headers.get(SLICE, "")
        if not name and request.path == "/health":
            return web.Response()
        if name not in slices:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if request.method not in SAFE_METHODS:
            # Both sides will be asked: what is not safe would be done three times more.
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
        if _can_be_asked_again(request):
            headers = asked_with(request.headers.items())
            slices[name].take(Copy(request.method, request.raw_path, headers))
        else:
            slices[name].skip("unsendable")
        return web.Response(status=HTTPStatus.ACCEPTED)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", take)
    return application


def _can_be_asked_again(request: web.Request) -> bool:
    """Whether it has no body, and nothing in it that our client cannot say."""
    values = "".join(request.headers.values())
    sayable = _TARGET.fullmatch(request.raw_path) is not None and values.isprintable()
    return sayable and not request.body_exists
