"""What Envoy is told, as a pure function of what is to be.

    Blueprint ─┐
    Endpoints ─┼─▶ render ─▶ Resources: bootstrap, listeners, clusters, routes
    Wanted    ─┘             (the same text for the same values, whatever the machine)

Only `Wanted` moves the routes, only `Endpoints` the clusters; the listener stays as it is for as
long as the blueprint does, so that no connection is ever closed by a step.

    claims ─▶ routes = for each path: a door (who may) and a way (where to)
                       doors, security, memory.lua; ways, division, sticky, copies, site
"""

import hashlib
import json
from dataclasses import dataclass

from matapalo.blueprint import Blueprint
from matapalo.edge.endpoints import Endpoints
from matapalo.edge.resources import clock
from matapalo.edge.resources.bootstrap import bootstrap
from matapalo.edge.resources.clusters import clusters
from matapalo.edge.resources.listener import listener
from matapalo.edge.resources.names import Json, typed
from matapalo.edge.resources.place import Place
from matapalo.edge.resources.routes import routes
from matapalo.edge.split import Wanted

__all__ = ["Place", "Resources", "Text", "render"]

_TYPES = {
    "clusters": "config.cluster.v3.Cluster",
    "listeners": "config.listener.v3.Listener",
    "routes": "config.route.v3.RouteConfiguration",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A file of Envoy's, and the version by which it says that it obeys it."""

    version: str
    content: str


@dataclass(frozen=True, slots=True)
class Resources:
    """All that Envoy is told."""

    bootstrap: str
    clusters: Text
    listeners: Text
    routes: Text


def render(
    blueprint: Blueprint, endpoints: Endpoints, wanted: Wanted, place: Place, name: str = "edge"
) -> Resources:
    """Return what the edge of that name, standing there, is told."""
    return Resources(
        bootstrap=_json(bootstrap(name, place)),
        clusters=_text("clusters", clusters(blueprint, endpoints, place)),
        listeners=_text("listeners", [clock.listener(place), listener(blueprint, place, name)]),
        routes=_text("routes", [routes(blueprint, endpoints, wanted)]),
    )


def _text(kind: str, resources: list[Json]) -> Text:
    typed_resources = [typed(_TYPES[kind], **resource) for resource in resources]
    version = hashlib.sha256(_json(typed_resources).encode()).hexdigest()[:16]
    return Text(version, _json({"version_info": version, "resources": typed_resources}))


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
