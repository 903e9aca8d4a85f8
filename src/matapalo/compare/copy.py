"""A copy of a request as the edge sends it, and as both sides are asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from matapalo.blueprint import Route, Slice

SLICE = "x-matapalo-slice"
"""The header by which the edge says whose a copy is."""
SHADOW = "x-matapalo-shadow"
"""The header by which both sides know that nobody waits for their answer."""

Headers = tuple[tuple[str, str], ...]

_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers between two neighbors (RFC 9110, 7.6.1)."""
_CONDITIONAL = frozenset({
    "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range",
})  # fmt: skip
"""With these a side answers with less than all of it (RFC 9110, 13 and 14)."""
_OURS = frozenset({SLICE, SHADOW, "accept-encoding", "content-length", "expect"})


@dataclass(frozen=True, slots=True)
class Copy:
    """A safe request of a slice; `target` is its path and query as they came."""

    method: str
    target: str
    headers: Headers

    @property
    def path(self) -> str:
        """Return its path without the query."""
        return self.target.partition("?")[0]


def asked_with(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers that both sides are asked with.

    They are the caller's and the edge's, without those that are the connection's, or would make an
    answer depend on what the caller has already, or would compress it.
    """
    given = tuple((name.lower(), value) for name, value in headers)
    listed = (value for name, value in given if name == "connection")
    named = {name.strip().lower() for value in listed for name in value.split(",")}
    left = _HOP | _CONDITIONAL | _OURS | named
    kept = ((name, value) for name, value in given if name not in left)
    return (*kept, (SHADOW, "1"), ("accept-encoding", "identity"))


def route_of(piece: Slice, method: str, path: str) -> Route | None:
    """Return the slice's route that a request belongs to: the longest one that takes it."""
    taking = (
        route
        for route in piece.routes
        if (not route.methods or method in route.methods) and _lies_below(path, route.path)
    )
    return max(taking, key=lambda route: len(route.path), default=None)


def _lies_below(path: str, above: str) -> bool:
    return above in {"/", path} or path.startswith(f"{above}/")


def named(method: str, route: Route | None) -> str:
    """Return how a route is called where differences are counted."""
    return f"{method} {route.path if route else '/'}"
