"""The API: what can be asked of the conductor, path by path."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matapalo.conductor import Conductor, Edges, Order
from matapalo.conductor.comparisons import Differences
from matapalo.console import comparisons
from matapalo.console.guard import errors_told, token_needed
from matapalo.console.stream import listed, streamed
from matapalo.edge.report import Report
from matapalo.errors import MatapaloError, NotLeading, RequestRefused

LARGEST = 8 * 2**20
"""Bytes of a request: room for the report of an edge with a thousand slices."""
PATIENCE = 20.0
"""How long an edge's question for news stays open, in seconds."""

CONDUCTOR = web.AppKey("conductor", Conductor)
EDGES = web.AppKey("edges", Edges)

M = TypeVar("M", bound=BaseModel)


class Wish(BaseModel):
    """The body of `advance` and `back`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str | None = None
    percent: float | None = None
    who: Annotated[str, Field(min_length=1, max_length=200)] = "somebody"
    why: Annotated[str, Field(max_length=2000)] = ""
    wait: Annotated[float, Field(ge=0, le=86_400)] = 0
    force: bool = False
    dry_run: bool = False
    """Say what would be done, and do nothing."""


class Yes(BaseModel):
    """The body of `approve`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Annotated[str, Field(min_length=1, max_length=200)] = "somebody"
    why: Annotated[str, Field(max_length=2000)] = ""


class Asked(BaseModel):
    """Which slice an edge asks about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slice: str


class Page(BaseModel):
    """Which part of the ledger is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slice: str | None = None
    after: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class News(BaseModel):
    """Which version an edge has: -1 for one that has none, and is told at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Annotated[int, Field(ge=-1, lt=2**63)] = 0


def make(
    conductor: Conductor, edges: Edges, differences: Differences, token: str
) -> web.Application:
    """Return the application."""
    app = web.Application(middlewares=[token_needed(token), errors_told], client_max_size=LARGEST)
    app[CONDUCTOR], app[EDGES] = conductor, edges
    app[comparisons.DIFFERENCES] = differences
    app.add_routes(
        [
            *comparisons.routes(),
            web.get("/health", health),
            web.get("/v1/edges", edges_seen),
            web.get("/v1/edges/{edge}/wanted", wanted),
            web.post("/v1/edges/{edge}/report", report),
            web.get("/v1/edges/{edge}/passed", passed),
            web.get("/v1/slices", slices),
            web.get("/v1/slices/{name}", one_slice),
            web.post("/v1/slices/{name}/advance", advance),
            web.post("/v1/slices/{name}/back", back),
            web.post("/v1/slices/{name}/approve", approve),
            web.post("/v1/slices/{name}/verify", verify),
            web.get("/v1/slices/{name}/border", border),
            web.get("/v1/ledger", ledger),
        ]
    )
    return app


async def health(request: web.Request) -> web.Response:
    """Say whether this conductor leads. One that stands by for another is well too."""
    why = request.app[CONDUCTOR].standing()
    if why is None:
        return web.json_response({"leads": True})
    return web.json_response({"leads": False, "kind": type(why).__name__}, status=_well(why))


async def wanted(request: web.Request) -> web.Response:
    """Tell an edge what it shall do, as soon as there is news."""
    news = _asked(News, request)
    edge = request.match_info["edge"]
    answer = await request.app[EDGES].wanted(edge, news.after, PATIENCE)
    if answer is None:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return web.json_response(text=answer.model_dump_json())


async def report(request: web.Request) -> web.Response:
    """Take an edge's word."""
    said = await _body(Report, request)
    if said.edge != request.match_info["edge"]:
        raise RequestRefused("the report is another edge's", where=request.path)
    request.app[EDGES].hear(said)
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def edges_seen(request: web.Request) -> web.Response:
    """Tell which edges there are, and what each obeys."""
    states = {state.name: state for state in request.app[EDGES].states()}
    return web.json_response(
        [
            {
                "name": name,
                "live": states[name].live,
                "obeys": states[name].obeys,
                "version": said.version if said else None,
                "rejected": said.rejected if said else "",
                "heard": round(ago, 3),
            }
            for name, (said, ago) in request.app[EDGES].reports().items()
        ]
    )


async def slices(request: web.Request) -> web.Response:
    """Tell of every slice."""
    seen = await request.app[CONDUCTOR].slices()
    return web.json_response([one.model_dump(mode="json") for one in seen])


async def one_slice(request: web.Request) -> web.Response:
    """Tell of one slice."""
    seen = await request.app[CONDUCTOR].slice(request.match_info["name"])
    return web.json_response(text=seen.model_dump_json())


async def advance(request: web.Request) -> web.StreamResponse:
    """Move a slice forward."""
    wish = await _body(Wish, request)
    order, conductor = _order(wish, request), request.app[CONDUCTOR]
    if wish.dry_run:
        return await streamed(request, listed(await conductor.explain(order, forward=True)))
    return await streamed(request, await conductor.advance(order))


async def back(request: web.Request) -> web.StreamResponse:
    """Move a slice back."""
    wish = await _body(Wish, request)
    order, conductor = _order(wish, request), request.app[CONDUCTOR]
    if wish.dry_run:
        return await streamed(request, listed(await conductor.explain(order, forward=False)))
    return await streamed(request, await conductor.back(order))


async def approve(request: web.Request) -> web.Response:
    """Say yes to a slice's next step."""
    said = await _body(Yes, request)
    name = request.match_info["name"]
    await request.app[CONDUCTOR].approve(name, who=said.who, why=said.why)
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def verify(request: web.Request) -> web.Response:
    """Compare the content of a slice's tables on both sides."""
    found = await request.app[CONDUCTOR].verify(request.match_info["name"])
    return web.json_response(text=found.model_dump_json())


async def border(request: web.Request) -> web.Response:
    """Tell what crosses the border of a slice."""
    found = await request.app[CONDUCTOR].border(request.match_info["name"])
    return web.json_response([asdict(one) for one in found])


async def passed(request: web.Request) -> web.Response:
    """Tell an edge once all that is committed on the monolith now is on the new side."""
    asked = _asked(Asked, request)
    answer = await request.app[CONDUCTOR].passed(asked.slice, within=PATIENCE)
    return web.json_response({"passed": answer})


async def ledger(request: web.Request) -> web.Response:
    """Tell the last entries of the ledger, in their order."""
    page = _asked(Page, request)
    entries = await request.app[CONDUCTOR].entries(
        slice_name=page.slice, after=page.after, limit=page.limit
    )
    return web.json_response(
        [entry.model_dump(mode="json", exclude_defaults=True) for entry in entries]
    )


def _well(why: MatapaloError) -> int:
    return HTTPStatus.OK if isinstance(why, NotLeading) else HTTPStatus.SERVICE_UNAVAILABLE


def _order(wish: Wish, request: web.Request) -> Order:
    return Order(
        slice=request.match_info["name"],
        to=wish.to,
        percent=wish.percent,
        who=wish.who,
        why=wish.why,
        wait=wish.wait,
        force=wish.force,
    )


async def _body(model: type[M], request: web.Request) -> M:
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise _refused(error, request) from error


def _asked(model: type[M], request: web.Request) -> M:
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise _refused(error, request) from error


def _refused(error: ValidationError, request: web.Request) -> RequestRefused:
    said = "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors()
    )
    return RequestRefused(said, where=request.path)
