"""Whether a new side answers at all: asked before the first traffic is sent to it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from matapalo.blueprint import Blueprint
from matapalo.conductor.gates import Answer
from matapalo.edge.endpoints import Endpoint, Endpoints

Ask = Callable[[str], Awaitable[Answer]]
"""Asks a service or a function, by its full name, whether it is well."""

FUNCTION_HEALTH = "/.matapalo/health"
_WITHIN = aiohttp.ClientTimeout(total=2)
_WRONG = 500
"""An answer of this status or above is none."""


def asker(blueprint: Blueprint, endpoints: Path) -> Ask:
    """Return what asks the blueprint's services and functions at their present endpoints."""
    paths = {name: service.health for name, service in blueprint.services().items()}

    async def ask(name: str) -> Answer:
        try:
            places = _places(endpoints, name)
        except (OSError, ValueError) as error:
            return Answer(None, f"where {name} answers cannot be read: {error}")
        if not places:
            return Answer(None, f"nobody knows where {name} answers")
        return await _ask(_url(places[0], paths.get(name, FUNCTION_HEALTH)), name)

    return ask


def _places(endpoints: Path, name: str) -> tuple[Endpoint, ...]:
    try:
        text = endpoints.read_text()
    except FileNotFoundError:
        return ()
    return Endpoints.model_validate_json(text).at.get(name, ())


def _url(place: Endpoint, path: str) -> str:
    return f"{'https' if place.tls else 'http'}://{place.host}:{place.port}{path}"


async def _ask(url: str, name: str) -> Answer:
    try:
        async with aiohttp.ClientSession(timeout=_WITHIN) as http, http.get(url) as answer:
            well = answer.status < _WRONG
            return Answer(well, f"{name} answers its health check with {answer.status}")
    except (aiohttp.ClientError, TimeoutError) as error:
        return Answer(well=False, why=f"{name} does not answer: {error or 'time-out'}")
