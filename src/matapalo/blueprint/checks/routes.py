"""Whether every request has one owner."""

from collections.abc import Iterator
from dataclasses import dataclass

from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.route import Route


@dataclass(frozen=True)
class _Claim:
    loc: Loc
    owner: str
    route: Route


def check(setting: Setting) -> Iterator[Finding]:
    """Yield routes that two claim, and routes that nobody can reach."""
    blueprint = setting.blueprint
    yield from _collisions([*_closed(blueprint), *_slices(blueprint), *_owned(blueprint)])
    yield from _site(blueprint)
    yield from _public(blueprint)


def _closed(blueprint: Blueprint) -> Iterator[_Claim]:
    for index, route in enumerate(blueprint.edge.closed):
        yield _Claim(("edge", "closed", index), "edge.closed", route)


def _slices(blueprint: Blueprint) -> Iterator[_Claim]:
    for name, piece in blueprint.slices.items():
        for index, route in enumerate(piece.routes):
            yield _Claim(("slices", name, "routes", index), f"the slice {name}", route)


def _owned(blueprint: Blueprint) -> Iterator[_Claim]:
    for product, part in blueprint.products.items():
        for kind in ("services", "functions"):
            for name, owner in getattr(part, kind).items():
                loc = ("products", product, kind, name, "routes")
                for index, route in enumerate(owner.routes):
                    yield _Claim((*loc, index), f"{product}/{name}", route)


def _collisions(claims: list[_Claim]) -> Iterator[Finding]:
    by_path: dict[str, list[_Claim]] = {}
    for claim in claims:
        for other in by_path.get(claim.route.path, []):
            shared = _shared(claim.route, other.route)
            if shared:
                what = f"{other.owner} claims {shared} {claim.route.path} already"
                hint = "a route has one owner: take it from one of them"
                yield Finding(claim.loc, what, hint)
                break
        by_path.setdefault(claim.route.path, []).append(claim)


def _shared(one: Route, other: Route) -> str:
    """Return the methods that two routes share, as a person would say them."""
    if not one.methods or not other.methods:
        return ",".join(one.methods or other.methods) or "every method of"
    return ",".join(method for method in one.methods if method in other.methods)


def _site(blueprint: Blueprint) -> Iterator[Finding]:
    site = blueprint.site
    if site is None:
        return
    if site.path == "/" and not blueprint.monolith.routes:
        hint = "list what the monolith answers in `monolith.routes`, or move the site: path: /app"
        yield Finding(("site",), "the site at / would hide the monolith", hint, on_key=True)
    for claim in [*_slices(blueprint), *_owned(blueprint)]:
        if claim.route.path == site.path and site.path != "/":
            what = f"the site begins at {site.path}: it would never be seen, or this would not"
            yield Finding(claim.loc, what, "move one of them")
    security = blueprint.security
    if security and not _covered(site.path, security.public):
        yield Finding(
            ("site",),
            "nobody can see the site without a login",
            f"add GET {site.path} to `security.public`, or leave it if that is meant",
            warning=True,
            on_key=True,
        )


def _covered(path: str, routes: tuple[Route, ...]) -> bool:
    return any(
        (route.path in {path, "/"} or path.startswith(f"{route.path}/"))
        and (not route.methods or "GET" in route.methods)
        for route in routes
    )


def _public(blueprint: Blueprint) -> Iterator[Finding]:
    security = blueprint.security
    if security is None:
        return
    for index, route in enumerate(security.optional):
        if any(_shared(route, other) for other in security.public if other.path == route.path):
            what = f"{route.path} is public already: no login is looked at there"
            yield Finding(("security", "optional", index), what, "keep one of them")
