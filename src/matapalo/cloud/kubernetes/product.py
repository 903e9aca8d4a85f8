"""A product's namespace: what it may take of the cluster, who may talk, and its services."""

from collections.abc import Iterator

from matapalo.blueprint import Quota, Service
from matapalo.blueprint.relations import SERVICE_PORT, Peer
from matapalo.cloud.kubernetes import policies, secrets
from matapalo.cloud.kubernetes.joining import binding
from matapalo.cloud.kubernetes.pod import Workload, cores, objects
from matapalo.cloud.kubernetes.yaml import Object, text
from matapalo.cloud.roots import rights, stages, stores, told
from matapalo.cloud.roots.confided import Confided, confided, for_libpq
from matapalo.cloud.roots.images import repository
from matapalo.cloud.scene import Scene
from matapalo.cloud.tree import Tree


def render(scene: Scene, name: str) -> Tree:
    """Return the manifests of a product."""
    files = {"namespace.yaml": text(namespace(scene, name))}
    for service, it in scene.blueprint.products[name].services.items():
        if it.url is None:
            files[f"{service}.yaml"] = text(_service(scene, name, service, it))
    return Tree(files).under(f"kubernetes/{scene.environment}/{name}")


def namespace(scene: Scene, name: str) -> Iterator[Object]:
    """Return a product's namespace, and what holds in all of it."""
    product = scene.blueprint.products[name]
    quota = product.quota or Quota()
    yield space(name, product.description, product.team)
    yield _object(name, "v1", "ResourceQuota", spec={"hard": _hard(quota)})
    limits = {
        "type": "Container",
        "default": {"cpu": "500m", "memory": "256Mi"},
        "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
    }
    yield _object(name, "v1", "LimitRange", spec={"limits": [limits]})
    yield from policies.closed(name)


def space(name: str, description: str = "", team: str | None = None) -> Object:
    """Return a namespace in which only hardened pods run."""
    secure = {f"pod-security.kubernetes.io/{way}": "restricted" for way in ("enforce", "warn")}
    said = {"matapalo.dev/description": description or None, "matapalo.dev/team": team}
    notes = {key: value for key, value in said.items() if value}
    meta = {"name": name, "labels": secure, "annotations": notes or None}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}


def _hard(quota: Quota) -> dict[str, str]:
    return {
        "requests.cpu": cores(quota.cpu),
        "requests.memory": f"{quota.memory}Mi",
        "limits.memory": f"{quota.memory}Mi",
        "pods": str(quota.pods),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def _object(product: str, version: str, kind: str, **rest: object) -> Object:
    meta = {"name": product, "namespace": product}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}


def _service(scene: Scene, product: str, name: str, it: Service) -> Iterator[Object]:
    told_it = confided(scene, product, it)
    work = workload(scene, product, name, it, told_it)
    yield from objects(work)
    peer, port = Peer("service", f"{product}/{name}"), it.port or SERVICE_PORT
    direct = peer.name in stages.pods(scene)
    yield policies.policy(
        product,
        name,
        ingress=policies.ingress(scene, peer, port, behind_balancer=direct),
        egress=policies.egress(scene, peer),
    )
    if told_it:
        yield secrets.provider(scene, product, name, _wanted(scene, told_it))
    if direct:
        variable = told.variable(peer.name, "TARGET_GROUP_ARN")
        yield binding(scene, product, name, port, variable)


def workload(
    scene: Scene, product: str, name: str, it: Service, told_it: list[Confided]
) -> Workload:
    """Return what a service's deployment is."""
    port = it.port or SERVICE_PORT
    replicas = it.replicas or scene.sizes.replicas
    return Workload(
        namespace=product,
        name=name,
        image=it.image or f"${{REGISTRY}}/{repository(scene, f'{product}/{name}')}:${{TAG}}",
        port=port,
        replicas=min(replicas, it.max_replicas),
        most=it.max_replicas,
        cpu=it.cpu,
        memory=it.memory,
        env=[*_env(scene, product, it, port), *_secret_env(scene, name, told_it)],
        health=it.health,
        grace=it.timeout,
        volumes=secrets.volume(name) if told_it else {},
    )


def _env(scene: Scene, product: str, it: Service, port: int) -> Iterator[Object]:
    """What is known, and in `${…}` what only Terraform knows: `apply.sh` fills it in."""
    values = {
        "AWS_REGION": scene.region,
        "LOG_LEVEL": scene.blueprint.logs.level,
        "PORT": str(port),
        **told.known_to_service(scene, product, it),
        **_inbox(scene, it),
        **{name: value for name, value in it.env.items() if isinstance(value, str)},
    }
    for target in told.used(scene, product, it):
        if target.kind == "store":
            known = stores.variables(scene, target.name)
            values |= {v: f"${{{v}}}" for v in known if not v.endswith("_SECRET_ARN")}
    for name in sorted(values):
        yield {"name": name, "value": values[name]}


def _inbox(scene: Scene, it: Service) -> dict[str, str]:
    """Name the queue in which it finds what rules and topics tell it."""
    queue = rights.inbox_of(scene, it)
    return {"INBOX_QUEUE": queue} if queue else {}


def _wanted(scene: Scene, told_it: list[Confided]) -> list[secrets.Wanted]:
    return [secrets.Wanted(it.variable, _secret(scene, it), it.field) for it in told_it]


def _secret(scene: Scene, it: Confided) -> str:
    if it.secret:
        return secrets.name_of(scene, it.secret)
    return f"${{{told.variable(it.store, 'SECRET_ARN')}}}"


def _secret_env(scene: Scene, name: str, told_it: list[Confided]) -> Iterator[Object]:
    yield from secrets.variables(name, _wanted(scene, told_it))
    for called, it in for_libpq(scene, told_it):
        yield secrets.variable(called, name, it.variable)
