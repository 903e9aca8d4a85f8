"""The filter that steers a slice's requests by what holds at this moment (slice.lua), and the
routes by which they leave.

    write ─▶ waits while it is held ─▶ owner ─▶ the cluster of writes of that side
    read  ─▶ may its user have written what new has not? ─▶ monolith, or by its share
"""

import hashlib
import json
import re
from importlib.resources import files

from matapalo.blueprint import Blueprint
from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, extension, typed
from matapalo.edge.resources.place import Place

STEER = "matapalo.slice"
MARKS = 2**20
"""Places in the table of users who have written, more or less one a user."""
LUA = "extensions.filters.http.lua.v3.Lua"


def filters(blueprint: Blueprint, place: Place, edge: str) -> list[Json]:
    """Return the filter. It stands right before the router, idle but for steered routes."""
    if not blueprint.slices:
        return []
    source = files("matapalo.edge.resources").joinpath("slice.lua").read_text()
    told = _told(blueprint, place, edge)
    code = "\n".join(f"local {name} = {value}" for name, value in told.items()) + "\n" + source
    filter_ = extension(STEER, LUA, default_source_code={"inline_string": code})
    return [{**filter_, "disabled": True}]


def steered(name: str, *, safe: bool) -> Json:
    """Return what a route says so that its requests are steered."""
    return {STEER: typed(f"{LUA}PerRoute", filter_context={"slice": name, "safe": safe})}


def to(owner: str) -> tuple[Json, ...]:
    """Return the condition of a route that requests take which were steered to an owner."""
    return ({"name": names.OWNER, "string_match": {"exact": owner}},)


UNSTEERED: Json = {
    "direct_response": {
        "status": 503,
        "body": {"inline_string": "it is not known who answers this"},
    }
}
"""Where no owner was found there is none: never a guess."""


def _told(blueprint: Blueprint, place: Place, edge: str) -> dict[str, str]:
    """What the script knows of the edge, as Lua. The user is who the split sticks to (sticky)."""
    header = blueprint.edge.user_header
    headers = [*([header] if header else []), names.USER]
    return {
        "FOLDER": json.dumps(str(place.folder)),
        "PLACES": str(MARKS),
        "EDGE": json.dumps(hashlib.sha256(edge.encode()).hexdigest()[:8]),
        "USER_HEADERS": "{ " + ", ".join(map(json.dumps, headers)) + " }",
        "USER_COOKIE": json.dumps(_pattern(blueprint.edge.user_cookie)),
        "WROTE_PATTERN": json.dumps(_pattern(names.WROTE)),
    }


def _pattern(text: str) -> str:
    """As Lua's patterns have it, where a few signs mean something."""
    return re.sub(r"([^A-Za-z0-9_])", r"%\1", text)
