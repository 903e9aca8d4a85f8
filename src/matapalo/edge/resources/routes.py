"""Routes: the whole space of paths as one tree, so that a thousand routes cost no more than ten.

    longest prefix ─▶ a list of routes: door by way, for reads and for writes
                      and at its end what holds above that path

The tree knows only letters, so the list of `/api/payments` is also asked about
`/api/payments-old`: its own routes refuse that, and the ones from above take it.
"""

from collections.abc import Iterable, Mapping

from matapalo.blueprint import Blueprint
from matapalo.blueprint.claims import METHODS, OTHER, Ground, Row, ancestors, table
from matapalo.edge.endpoints import Endpoints
from matapalo.edge.resources import names
from matapalo.edge.resources.doors import Door, doors
from matapalo.edge.resources.names import Json, extension, typed
from matapalo.edge.resources.scene import Scene
from matapalo.edge.resources.way import Way
from matapalo.edge.resources.ways import ways
from matapalo.edge.split import Wanted


def routes(blueprint: Blueprint, endpoints: Endpoints, wanted: Wanted) -> Json:
    """Return the route configuration."""
    scene = Scene.of(blueprint, endpoints)
    rows = table(blueprint)
    own = {
        path: [
            _route(path, methods, door, way)
            for methods, ground in _grouped(row)
            for door in doors(blueprint, ground.access)
            for way in ways(scene, wanted, ground)
        ]
        for path, row in rows.items()
    }
    return {
        "name": names.ROUTES,
        "validate_clusters": True,
        "virtual_hosts": [{"name": "all", "domains": ["*"], "matcher": _tree(own)}],
    }


def _grouped(row: Row) -> list[tuple[tuple[str, ...], Ground]]:
    """Methods for which the same holds; the group with all other methods comes last."""
    groups: dict[Ground, list[str]] = {}
    for method in METHODS:
        groups.setdefault(row[method], []).append(method)
    return sorted(
        ((tuple(methods), ground) for ground, methods in groups.items()),
        key=lambda group: (OTHER in group[0], group[0]),
    )


def _route(path: str, methods: tuple[str, ...], door: Door, way: Way) -> Json:
    match: Json = {"prefix": "/"} if path == "/" else {"path_separated_prefix": path}
    # In the order of their price: most routes are passed over, and again once the user is known.
    headers = [*way.headers, *door.headers, *_methods(methods)]
    cookies = [*door.cookies, *way.cookies]
    route: Json = {"match": {**match, **way.match}, **way.does}
    if headers:
        route["match"]["headers"] = headers
    if cookies:
        route["match"]["cookies"] = cookies
    if door.filters or way.filters:
        route["typed_per_filter_config"] = {**door.filters, **way.filters}
    return route


def _methods(methods: tuple[str, ...]) -> list[Json]:
    if OTHER in methods:
        return []
    regex = "|".join(methods)
    return [{"name": ":method", "string_match": {"safe_regex": {"regex": regex}}}]


def _tree(own: Mapping[str, list[Json]]) -> Json:
    return {
        "matcher_tree": {
            "input": {
                "name": "path",
                "typed_config": typed(
                    "type.matcher.v3.HttpRequestHeaderMatchInput", header_name=":path"
                ),
            },
            "prefix_match_map": {
                "map": {path: _list([*_inherited(own, path)]) for path in sorted(own)}
            },
        }
    }


def _inherited(own: Mapping[str, list[Json]], path: str) -> Iterable[Json]:
    for above in ancestors(path):
        yield from own.get(above, ())


def _list(found: list[Json]) -> Json:
    return {
        "action": extension("routes", "config.route.v3.RouteList", routes=found),
    }
