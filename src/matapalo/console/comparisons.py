"""What the comparison tells the conductor, and what people ask of it."""

from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from matapalo.compare import Comparisons
from matapalo.conductor.comparisons import Differences
from matapalo.errors import RequestRefused

DIFFERENCES = web.AppKey("differences", Differences)


def routes() -> list[web.RouteDef]:
    """Return the paths of comparisons; the application holds DIFFERENCES."""
    return [
        web.post("/v1/comparisons", hear),
        web.get("/v1/slices/{name}/differences", differences),
    ]


async def hear(request: web.Request) -> web.Response:
    """Take a comparison's word."""
    try:
        said = Comparisons.model_validate_json(await request.read())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise RequestRefused(f"{where}: {first['msg']}", where=request.path) from error
    request.app[DIFFERENCES].hear(said)
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def differences(request: web.Request) -> web.Response:
    """Tell how both sides' answers differ, since the slice's stage began."""
    seen = request.app[DIFFERENCES].view(request.match_info["name"])
    return web.json_response(text=seen.model_dump_json())
