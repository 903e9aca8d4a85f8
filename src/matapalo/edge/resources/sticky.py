"""Sticky: a user stays on one side of a slice while its share stands, and never goes back while
it rises.

    a proxy's user header ▸ the login's subject ▸ the edge's own cookie ▸ this request's id

The first that a request carries is hashed. Who carries none is given the request's id as the
cookie, so that the side of the very first answer is the side of all that follow.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from matapalo.blueprint import Edge
from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json

YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Mint:
    """Conditions under which the cookie is set, and the header that sets it."""

    headers: tuple[Json, ...] = ()
    cookies: tuple[Json, ...] = ()
    sets: tuple[Json, ...] = ()


def keys(edge: Edge) -> list[Json]:
    """Return what is hashed; the first that is there."""
    headers = [edge.user_header] if edge.user_header else []
    headers.append(names.USER)
    return [
        *({"header": {"header_name": name}, "terminal": True} for name in headers),
        {"cookie": {"name": edge.user_cookie}, "terminal": True},
        {"header": {"header_name": names.REQUEST_ID}, "terminal": True},
    ]


def mints(edge: Edge) -> Iterable[Mint]:
    """Return the cases in the order in which they are tried; the last one sets nothing."""
    unknown: Json = {"name": names.USER, "present_match": True, "invert_match": True}
    has = {"safe_regex": {"regex": ".+"}}
    bare: Json = {"name": edge.user_cookie, "string_match": has, "invert_match": True}
    https: Json = {"name": "x-forwarded-proto", "string_match": {"exact": "https"}}
    yield Mint((unknown, https), (bare,), (_set(edge.user_cookie, secure=True),))
    yield Mint((unknown,), (bare,), (_set(edge.user_cookie, secure=False),))
    yield Mint()


def _set(cookie: str, *, secure: bool) -> Json:
    value = f"{cookie}=%REQ({names.REQUEST_ID})%; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"
    return {
        "header": {"key": "set-cookie", "value": value + ("; Secure" if secure else "")},
        "append_action": "APPEND_IF_EXISTS_OR_ADD",
    }
