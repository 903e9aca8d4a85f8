"""How functions reach services: Lambda does not know the cluster's names.

    http://<service>.<product>.<prefix>.internal:8080 ─▶ the load balancer of `door` ─▶ its pods

The zone of these names is `door`'s; all of them are the load balancer, which looks at the host.
"""

from matapalo.cloud.hcl import Expr, Value
from matapalo.cloud.root import read
from matapalo.cloud.scene import Scene

PORT = 8080


def zone(scene: Scene) -> str:
    """Return the zone of the names; `internal` is nobody's on the internet."""
    return f"{scene.names.prefix}.internal"


def host(scene: Scene, service: str) -> str:
    """Return the name of a service."""
    product, short = service.split("/")
    return f"{short}.{product}.{zone(scene)}"


def url(scene: Scene, service: str) -> str:
    """Return where a service answers, seen from a function."""
    return scene.targets.services[service].url or f"http://{host(scene, service)}:{PORT}"


def calls(scene: Scene) -> list[tuple[str, str]]:
    """Return which function calls which of the cluster's services."""
    services = scene.targets.services
    return sorted({
        (it.caller.name, it.callee.name)
        for it in scene.relations
        if (it.caller.kind, it.callee.kind) == ("function", "service")
        and services[it.callee.name].url is None
    })  # fmt: skip


def called(scene: Scene) -> frozenset[str]:
    """Return the services that functions call."""
    return frozenset(service for _, service in calls(scene))


def listens(scene: Scene) -> Value:
    """Return what the load balancer does for functions; nothing where none calls a service."""
    if not calls(scene):
        return None
    groups = read(f"{scene.environment}/network", "security_group_ids").text
    callers = sorted({function for function, _ in calls(scene)})
    return {
        "zone": zone(scene),
        "port": PORT,
        "hosts": {service: host(scene, service) for service in sorted(called(scene))},
        "callers": {name: Expr(f'{groups}["functions/{name}"]') for name in callers},
    }
