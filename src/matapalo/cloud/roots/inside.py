"""How functions reach services and each other: Lambda does not know the cluster's names.

    http://<name>.<product>.<prefix>.internal:8080 ─▶ the load balancer of `door` ─▶ its pods,
                                                                           or its relay's

The zone of these names is `door`'s; all of them are the load balancer, which looks at the host.
"""

from matapalo.cloud.hcl import Expr, Value
from matapalo.cloud.root import read
from matapalo.cloud.scene import Scene

PORT = 8080


def zone(scene: Scene) -> str:
    """Return the zone of the names; `internal` is nobody's on the internet."""
    return f"{scene.names.prefix}.internal"


def host(scene: Scene, full: str) -> str:
    """Return the name of a service or a function."""
    product, short = full.split("/")
    return f"{short}.{product}.{zone(scene)}"


def url(scene: Scene, full: str) -> str:
    """Return where a service or a function answers, seen from a function."""
    service = scene.targets.services.get(full)
    elsewhere = service.url if service else None
    return elsewhere or f"http://{host(scene, full)}:{PORT}"


def calls(scene: Scene) -> list[tuple[str, str]]:
    """Return which function calls which of the cluster's services, or which other function."""
    services = scene.targets.services
    here = {name for name, it in services.items() if it.url is None} | {*scene.targets.functions}
    return sorted({
        (it.caller.name, it.callee.name)
        for it in scene.relations
        if it.caller.kind == "function" and it.callee.name in here
    })  # fmt: skip


def called(scene: Scene) -> frozenset[str]:
    """Return the services and functions that functions call."""
    return frozenset(callee for _, callee in calls(scene))


def listens(scene: Scene) -> Value:
    """Return what the load balancer does for functions; nothing where none calls a service."""
    if not calls(scene):
        return None
    groups = read(f"{scene.environment}/network", "security_group_ids").text
    callers = sorted({function for function, _ in calls(scene)})
    return {
        "zone": zone(scene),
        "port": PORT,
        "hosts": {name: host(scene, name) for name in sorted(called(scene))},
        "callers": {name: Expr(f'{groups}["functions/{name}"]') for name in callers},
    }
