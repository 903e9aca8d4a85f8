"""Saying what differs without saying a customer's data.

    "ana@totumo.co"  ─▶ text(13)         12.50 ─▶ number        [1, 2] ─▶ list(2)
    $.people['1020'][3].name  ─▶ at `$.people.*[3].name`, counted at `$.people.*[*].name`
    /api/people/1020?month=3  ─▶ /api/people/*?month=

A slice may show its values; where something is counted never depends on them. A key that does not
look like a name that a programmer gave may be data too (a number, an address), and is written `*`.
"""

import json
import re
from decimal import Decimal
from urllib.parse import parse_qsl

from matapalo.blueprint import Route
from matapalo.blueprint.jsonpath import Place
from matapalo.compare.answers import Body
from matapalo.compare.documents import kind_of
from matapalo.compare.found import Absent, Found
from matapalo.compare.report import Example

LONG = 120
"""Characters of a value that are shown at most."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]*([0-9][A-Za-z_-]*){0,3}")
_LONGEST_NAME = 40
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}")
_OPEN_KINDS = frozenset({"status", "timeout", "refused", "broken"})
"""Kinds whose values tell of the side, and of nobody's data."""


def grouped(place: Place | str) -> str:
    """Return where a difference is counted: with every index as `*`."""
    return place if isinstance(place, str) else _path(place, "*")


def example(found: Found, asked: str, *, show: bool) -> Example:
    """Return a difference as people see it."""
    place = found.place if isinstance(found.place, str) else _path(found.place)
    return Example(
        asked=asked,
        place=place,
        monolith=_value(found, found.monolith, show=show),
        new=_value(found, found.new, show=show),
    )


def request(method: str, target: str, route: Route | None, *, show: bool) -> str:
    """Return a request as people see it; `target` is its path and query."""
    if show:
        return _cut(f"{method} {target}")
    path, _, query = target.partition("?")
    base = route.path.rstrip("/") if route else ""
    below = path[len(base) :].strip("/")
    hidden = "/*" * (below.count("/") + 1) if below else ""
    names = sorted({_named(name) for name, _ in parse_qsl(query, keep_blank_values=True)})
    asked = "&".join(f"{name}=" for name in names)
    return f"{method} {base + hidden or '/'}{'?' if asked else ''}{asked}"


def _path(place: Place, index: str = "") -> str:
    parts = (f"[{index or p}]" if isinstance(p, int) else f".{_named(p)}" for p in place)
    return "$" + "".join(parts)


def _named(key: str) -> str:
    return key if len(key) <= _LONGEST_NAME and _NAME.fullmatch(key) else "*"


def _value(found: Found, value: object, *, show: bool) -> str:
    if found.kind in _OPEN_KINDS:
        return str(value)
    if found.place == "content-type" and isinstance(value, str):
        return _media_type(value)
    return _cut(_shown(value)) if show else masked(value)


def masked(value: object) -> str:
    """Return a value's type and length, and nothing else of it."""
    if isinstance(value, Body):
        return f"body({value.size})"
    kind = kind_of(value)
    return f"{kind}({len(value)})" if isinstance(value, (str, list, dict)) else kind


def _media_type(value: str) -> str:
    """A media type is nobody's data; what does not look like one may be."""
    media = value.partition(";")[0].strip().lower()
    return media if _MEDIA_TYPE.fullmatch(media) else masked(value)


def _shown(value: object) -> str:
    if isinstance(value, Body):
        start = (value.content or b"")[: 4 * LONG].decode(errors="replace")
        return f"{masked(value)} {start}"
    if isinstance(value, Absent):
        return masked(value)
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=float)


def _cut(text: str) -> str:
    """JSON may hold halves of characters, which no answer of ours can."""
    text = text.encode(errors="replace").decode()
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
