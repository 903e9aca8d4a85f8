"""Who answers which requests, and who may make them: one table for the whole space of paths.

    routes of slices, services, functions, site, monolith,
    and what is closed ────────────────────────────────────┐
    public and optional routes ────────────────────────────┴─▶ for every path that one of them
                                                               names, each method's `Ground`

The longest path wins, method by method: a slice that takes `GET /api/limits` leaves every other
method there to whoever owns `/api`, and in the end to the monolith.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from matapalo.blueprint import Blueprint, Route
from matapalo.blueprint.route import SAFE_METHODS, Method

Kind = Literal["slice", "product", "site", "monolith", "nobody"]
Access = Literal["public", "optional", "required"]

OTHER = ""
"""Every method that HTTP may have beside the known ones."""
METHODS: tuple[str, ...] = (*get_args(Method), OTHER)


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Who answers: a slice by its name, a service or function by its full name."""

    kind: Kind
    name: str = ""


MONOLITH = Owner("monolith")
SITE = Owner("site")
NOBODY = Owner("nobody")


@dataclass(frozen=True, slots=True, order=True)
class Ground:
    """What holds for some methods at and below a path."""

    owner: Owner
    access: Access
    safe: bool
    """Whether these methods only read."""


Row = Mapping[str, Ground]
"""By method, `OTHER` among them."""


def table(blueprint: Blueprint) -> dict[str, Row]:
    """Return every path that the blueprint names, `/` among them, with what holds there."""
    owners = _by_path(_owner_claims(blueprint))
    accesses = _by_path(_access_claims(blueprint))
    paths = sorted({"/", *owners, *accesses})
    return {path: {m: _ground(path, m, owners, accesses) for m in METHODS} for path in paths}


def lookup(rows: Mapping[str, Row], path: str, method: str) -> Ground:
    """Return what holds for one request; its path without the query."""
    row = next(rows[above] for above in ancestors(path) if above in rows)
    return row[method if method in row else OTHER]


def ancestors(path: str) -> Iterable[str]:
    """Return the path and every path above it, the nearest first, `/` last."""
    while path not in ("", "/"):
        yield path
        path = path.rpartition("/")[0]
    yield "/"


def _ground(
    path: str, method: str, owners: "_Claims[Owner]", accesses: "_Claims[Access]"
) -> Ground:
    owner = _claimed(owners, path, method)
    access: Access = "public" if owner == SITE else _claimed(accesses, path, method)
    return Ground(owner, access, safe=method in SAFE_METHODS)


def _owner_claims(blueprint: Blueprint) -> Iterable[tuple[Route, Owner]]:
    """The first of two claims to the same path and method wins."""
    yield from ((route, NOBODY) for route in blueprint.edge.closed)
    for name, slice_ in sorted(blueprint.slices.items()):
        yield from ((route, Owner("slice", name)) for route in slice_.routes)
    for name, routes in sorted(_own_routes(blueprint).items()):
        yield from ((route, Owner("product", name)) for route in routes)
    yield from ((route, MONOLITH) for route in blueprint.monolith.routes)
    site = blueprint.site
    # A site at / would take every page of a monolith that has not said which are its own.
    if site and (site.path != "/" or blueprint.monolith.routes):
        yield Route(path=site.path, methods=("GET", "HEAD")), SITE
    yield Route(path="/"), MONOLITH


def _own_routes(blueprint: Blueprint) -> dict[str, tuple[Route, ...]]:
    services = {name: service.routes for name, service in blueprint.services().items()}
    functions = {name: function.routes for name, function in blueprint.functions().items()}
    return {**services, **functions}


def _access_claims(blueprint: Blueprint) -> Iterable[tuple[Route, Access]]:
    """What is both public and optional is optional."""
    security = blueprint.security
    if security is None:
        yield Route(path="/"), "public"
        return
    yield from ((route, "optional") for route in security.optional)
    yield from ((route, "public") for route in security.public)
    yield Route(path="/"), "required"


T = TypeVar("T")
_Claims = Mapping[str, Mapping[str, T]]


def _by_path(claims: Iterable[tuple[Route, T]]) -> dict[str, dict[str, T]]:
    by_path: dict[str, dict[str, T]] = {}
    for route, what in claims:
        at = by_path.setdefault(route.path, {})
        for method in route.methods or METHODS:
            at.setdefault(method, what)
    return by_path


def _claimed(claims: _Claims[T], path: str, method: str) -> T:
    return next(
        claims[above][method]
        for above in ancestors(path)
        if above in claims and method in claims[above]
    )
