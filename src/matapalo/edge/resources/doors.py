"""Doors: who may pass to a route, and which filters see to it.

    public    ─▶ nobody is asked, if the path leaves no doubt what it means
    optional  ─▶ nobody is asked who shows nothing; who shows something must be right
    required  ─▶ everybody is asked

Each is one or two conditions of the route that is made of it; the last one always asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from matapalo.blueprint import Blueprint, Security, Session
from matapalo.blueprint.claims import Access
from matapalo.edge.resources.names import Json, typed
from matapalo.edge.resources.security import asking

DOUBTFUL = r"[^?]*/(\.|%2[eE]){1,2};.*"
"""A segment that some servers read as `..` and some as a name; no door is opened for it."""


@dataclass(frozen=True, slots=True)
class Door:
    """Conditions under which these filters are told what to do."""

    headers: tuple[Json, ...] = ()
    cookies: tuple[Json, ...] = ()
    filters: Json = field(default_factory=dict)


ASKED = Door()


def doors(blueprint: Blueprint, access: Access) -> Iterable[Door]:
    """Return the doors of an access in the order in which they are tried."""
    security = blueprint.security
    if security and access == "public":
        yield Door(headers=(_certain(),), filters=_unasked(security))
    if security and access == "optional":
        headers, cookies = _shows_nothing(security)
        yield Door(headers=(_certain(), *headers), cookies=cookies, filters=_unasked(security))
    yield ASKED


def _unasked(security: Security) -> Json:
    off = typed("config.route.v3.FilterConfig", disabled=True)
    return dict.fromkeys(asking(security), off)


def _certain() -> Json:
    return {
        "name": ":path",
        "string_match": {"safe_regex": {"regex": DOUBTFUL}},
        "invert_match": True,
    }


def _shows_nothing(security: Security) -> tuple[tuple[Json, ...], tuple[Json, ...]]:
    if isinstance(security.login, Session):
        has = {"safe_regex": {"regex": ".+"}}
        cookie = {"name": security.login.cookie, "string_match": has, "invert_match": True}
        return (), (cookie,)
    return ({"name": "authorization", "present_match": True, "invert_match": True},), ()
