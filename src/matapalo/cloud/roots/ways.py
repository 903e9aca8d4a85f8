"""By which way API Gateway reaches who answers.

    edge       pods of the edge, which answer for slices in motion and for what is closed
    monolith   the monolith, straight: over the internet, or by its address behind a link
    product/x  a service's pods, or a function

The monolith goes by way of the edge where there is no straight way: API Gateway and a load balancer
cannot look up a name that only another network's servers know.
"""

from collections.abc import Set
from ipaddress import ip_address
from urllib.parse import urlsplit

from matapalo.blueprint import Function, Service
from matapalo.blueprint.claims import Owner
from matapalo.blueprint.relations import SERVICE_PORT
from matapalo.cloud.hcl import Expr, Value
from matapalo.cloud.names import product_root
from matapalo.cloud.root import read
from matapalo.cloud.roots.own import RELAY_HEALTH, RELAY_PORT
from matapalo.cloud.scene import Scene

EDGE, MONOLITH = "edge", "monolith"
EDGE_PORT, EDGE_HEALTH = 8000, "/"
LONGEST = 30.0
"""Seconds that API Gateway waits."""


def straight(scene: Scene, owner: Owner) -> str:
    """Return the target of an owner whose requests are not in motion."""
    match owner.kind:
        case "slice":
            return scene.blueprint.slices[owner.name].to
        case "product":
            return owner.name
        case "monolith":
            return MONOLITH if monolith_kind(scene) != "edge" else EDGE
        case _:
            return EDGE


def monolith_kind(scene: Scene) -> str:
    """Return how API Gateway reaches the monolith: `http`, `balancer`, or by way of the `edge`."""
    monolith = scene.blueprint.monolith
    host = urlsplit(monolith.url or "").hostname
    if not host:
        return "edge"
    if is_address(host):
        return "balancer" if monolith.link or ip_address(host).is_private else "http"
    return "edge" if monolith.link else "http"


def targets(scene: Scene, names: Set[str]) -> dict[str, Value]:
    """Return the targets of these names, as the module `api` takes them."""
    return {name: _target(scene, name) for name in sorted(names)}


def behind_balancer(scene: Scene, names: Set[str], joined: Set[str]) -> dict[str, Value]:
    """Return those that the load balancer leads to, as the module `balancer` takes them.

    `names` are those whom API Gateway asks; `joined` those whose pods join a target group.
    """
    found: dict[str, Value] = {EDGE: _edge(scene)}
    if MONOLITH in names and monolith_kind(scene) == "balancer":
        found[MONOLITH] = _monolith(scene)
    for name in joined:
        group = scene.names.of("target-group", *name.split("/"))
        found[name] = {"group": group, **_pods(scene.targets.services.get(name))}
    return dict(sorted(found.items()))


def pods(scene: Scene, names: Set[str]) -> set[str]:
    """Return those of these names whose pods join a target group."""
    services = scene.targets.services
    return {name for name in names if name in services and services[name].url is None}


def _pods(service: Service | None) -> dict[str, Value]:
    """Return where pods are asked, and whether they are well: a service's, or a relay's."""
    if service is None:
        return {"port": RELAY_PORT, "health": RELAY_HEALTH}
    return {"port": service.port or SERVICE_PORT, "health": service.health}


def _target(scene: Scene, name: str) -> Value:
    b = scene.blueprint
    if name == EDGE:
        return {"kind": "edge"}
    if name == MONOLITH:
        timeout = min(LONGEST, b.monolith.timeout)
        kind = monolith_kind(scene)
        return {"kind": kind, "url": b.monolith.url if kind == "http" else None, "timeout": timeout}
    if name in scene.targets.functions:
        return _function(scene, name, scene.targets.functions[name])
    service = scene.targets.services[name]
    timeout = min(LONGEST, service.timeout)
    if service.url:
        return {"kind": "http", "url": service.url, "timeout": timeout}
    return {"kind": "balancer", "timeout": timeout}


def _function(scene: Scene, name: str, it: Function) -> Value:
    product, short = name.split("/")
    root = f"{scene.environment}/{product_root(product)}"
    return {
        "kind": "function",
        "invoke_arn": Expr(f'{read(root, "function_invoke_arns").text}["{short}"]'),
        "function_name": Expr(f'{read(root, "function_names").text}["{short}"]'),
        "qualifier": "live",
        "timeout": min(LONGEST, it.timeout),
    }


def _edge(scene: Scene) -> Value:
    return {
        "group": scene.names.of("target-group", EDGE),
        "port": EDGE_PORT,
        "health": EDGE_HEALTH,
        # It has no health of its own: any answer but none says that it is there.
        "healthy": "200-499",
        "drain": round(scene.blueprint.edge.drain),
    }


def _monolith(scene: Scene) -> Value:
    parts = urlsplit(scene.blueprint.monolith.url or "")
    secure = parts.scheme == "https"
    return {
        # A group is made anew for another protocol, and beside the old one.
        "group": scene.names.of("target-group", MONOLITH, *(["https"] if secure else [])),
        "port": parts.port or (443 if secure else 80),
        "protocol": "HTTPS" if secure else "HTTP",
        "health": scene.blueprint.monolith.health,
        "healthy": "200-499",
        "addresses": [parts.hostname or ""],
    }


def is_address(host: str) -> bool:
    """Whether a host is named by its address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
