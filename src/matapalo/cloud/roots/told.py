"""What a service or a function is told: where those are that it uses.

Known before anything is made: the monolith's URL; services, and the relays of functions, by their
name in the cluster, or in the network for functions (see `inside`); topics, queues and the bus by
theirs. Known only to Terraform: where stores answer.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from matapalo.blueprint import Aurora, Cache, DocumentDb, Function, Service
from matapalo.blueprint.relations import SERVICE_PORT, store_of
from matapalo.blueprint.targets import Target
from matapalo.cloud.hcl import Value
from matapalo.cloud.roots import inside, stores
from matapalo.cloud.roots.own import NAMESPACE, RELAY_PORT, relay_name
from matapalo.cloud.scene import Scene


def used(scene: Scene, product: str, it: Service | Function) -> list[Target]:
    """Return whom it uses, in the blueprint's order."""
    targets = scene.targets
    found = (targets.find(use, product) for use in it.uses)
    return [target for target in found if target]


def variable(name: str, ending: str = "URL") -> str:
    """Return the variable that tells of something: `payments/ledger` is `LEDGER_URL`."""
    return f"{name.rpartition('/')[2].upper().replace('-', '_')}_{ending}"


def told(scene: Scene, product: str) -> dict[str, Value]:
    """Return what only Terraform knows and pods or their manifests are told, by variable."""
    services = scene.blueprint.products[product].services.values()
    used_by_pods = {
        target.name
        for service in services
        if service.url is None
        for target in used(scene, product, service)
        if target.kind == "store"
    }
    targets = scene.targets
    moved = {store_of(it, targets) for it in scene.blueprint.slices.values() if it.tables}
    used_by_pods |= {store for store in moved if store and store.split("/")[0] == product}
    values: dict[str, Value] = {}
    for store in sorted(used_by_pods):
        values |= stores.variables(scene, store)
    return values


def known_to_service(scene: Scene, product: str, it: Service) -> dict[str, str]:
    """Return what a service is told that is known before anything is made, by variable."""
    return dict(_known(scene, product, it, url))


def told_to_function(scene: Scene, product: str, it: Function) -> dict[str, Value]:
    """Return a function's environment, but for secrets: see `confided`."""
    given: dict[str, Value] = dict(_known(scene, product, it, inside.url))
    given |= dict(_of_stores(scene, product, it))
    given |= {name: value for name, value in it.env.items() if isinstance(value, str)}
    return dict(sorted(given.items()))


def is_inside(scene: Scene, product: str, it: Function) -> bool:
    """Whether a function calls something that only the network reaches."""
    return any(_is_inside(scene, target) for target in used(scene, product, it))


def _is_inside(scene: Scene, target: Target) -> bool:
    b = scene.blueprint
    match target.kind:
        case "monolith":
            return b.monolith.link is not None or _is_private(b.monolith.url)
        case "store":
            return isinstance(scene.targets.stores[target.name], Aurora | Cache | DocumentDb)
        case "function":
            return True
        case "service":
            url = scene.targets.services[target.name].url
            return url is None or _is_private(url)
        case "system":
            restriction = b.network.restrictions[target.name]
            return restriction.link is not None or restriction.fixed_egress
        case _:
            return False


def _is_private(url: str | None) -> bool:
    host = urlsplit(url).hostname or "" if url else ""
    return host.startswith(("10.", "192.168."))


def _of_stores(scene: Scene, product: str, it: Service | Function) -> Iterator[tuple[str, Value]]:
    for target in used(scene, product, it):
        if target.kind == "store":
            known = stores.variables(scene, target.name)
            yield from ((v, it) for v, it in known.items() if not v.endswith("_SECRET_ARN"))


def _known(
    scene: Scene, product: str, it: Service | Function, at: Callable[[Scene, str], str]
) -> Iterator[tuple[str, str]]:
    b = scene.blueprint
    for target in used(scene, product, it):
        if target.kind == "monolith" and b.monolith.url:
            yield variable(target.name), b.monolith.url
        elif target.kind in ("service", "function"):
            yield variable(scene.told[target.name]), at(scene, target.name)


def url(scene: Scene, name: str) -> str:
    """Return where a service or a function answers, seen from the cluster."""
    if name in scene.targets.functions:
        return f"http://{relay_name(name)}.{NAMESPACE}.svc.cluster.local:{RELAY_PORT}"
    service = scene.targets.services[name]
    product, short = name.split("/")
    port = service.port or SERVICE_PORT
    return service.url or f"http://{short}.{product}.svc.cluster.local:{port}"
