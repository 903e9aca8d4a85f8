"""A product's namespace: what it may take of the cluster, who may talk, and its services."""

from collections.abc import Iterator

from matapalo.blueprint import Aurora, DocumentDb, Quota, SecretRef, Service
from matapalo.blueprint.relations import SERVICE_PORT, Peer
from matapalo.cloud.kubernetes import policies, secrets
from matapalo.cloud.kubernetes.joining import binding
from matapalo.cloud.kubernetes.pod import Workload, cores, objects
from matapalo.cloud.kubernetes.yaml import Object, text
from matapalo.cloud.roots import rights, stages, stores, told
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
    wanted = list(_secrets(scene, product, it))
    work = workload(scene, product, name, it, wanted)
    yield from objects(work)
    peer, port = Peer("service", f"{product}/{name}"), it.port or SERVICE_PORT
    direct = peer.name in stages.pods(scene)
    yield policies.policy(
        product,
        name,
        ingress=policies.ingress(scene, peer, port, behind_balancer=direct),
        egress=policies.egress(scene, peer),
    )
    if wanted:
        yield secrets.provider(scene, product, name, wanted)
    if direct:
        variable = told.variable(peer.name, "TARGET_GROUP_ARN")
        yield binding(scene, product, name, port, variable)


def workload(
    scene: Scene, product: str, name: str, it: Service, wanted: list[secrets.Wanted]
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
        env=[*_env(scene, product, it, port), *_secret_env(name, wanted)],
        health=it.health,
        grace=it.timeout,
        volumes=secrets.volume(name) if wanted else {},
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


def _secrets(scene: Scene, product: str, it: Service) -> Iterator[secrets.Wanted]:
    for name, value in sorted(it.env.items()):
        if isinstance(value, SecretRef):
            yield secrets.Wanted(name, secrets.name_of(scene, value.secret))
    for target in told.used(scene, product, it):
        store = scene.targets.stores.get(target.name) if target.kind == "store" else None
        if isinstance(store, Aurora | DocumentDb):
            arn = f"${{{told.variable(target.name, 'SECRET_ARN')}}}"
            yield secrets.Wanted(told.variable(target.name, "USER"), arn, "username")
            yield secrets.Wanted(told.variable(target.name, "PASSWORD"), arn, "password")


def _secret_env(name: str, wanted: list[secrets.Wanted]) -> Iterator[Object]:
    """Of one database libpq finds user and password by itself."""
    yield from secrets.variables(name, wanted)
    for field, called in (("username", "PGUSER"), ("password", "PGPASSWORD")):
        found = [each.variable for each in wanted if each.field == field]
        if len(found) == 1:
            yield secrets.variable(called, name, found[0])
