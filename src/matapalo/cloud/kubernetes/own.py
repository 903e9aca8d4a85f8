"""Matapalo's own namespace: edge, conductor, authorizer, relays and streams, of one image."""

from collections.abc import Iterator, Sequence
from typing import Any

from matapalo.blueprint.relations import DATABASE_PORTS, Peer
from matapalo.cloud.kubernetes import policies, secrets
from matapalo.cloud.kubernetes.databases import SCRIPT, prepare
from matapalo.cloud.kubernetes.databases import secrets_of as database_secrets
from matapalo.cloud.kubernetes.joining import binding
from matapalo.cloud.kubernetes.nodes import nodes
from matapalo.cloud.kubernetes.pod import Workload, objects
from matapalo.cloud.kubernetes.product import space
from matapalo.cloud.kubernetes.settled import blueprint_text, endpoints_text
from matapalo.cloud.kubernetes.yaml import Object, text
from matapalo.cloud.roots import inside, own, told
from matapalo.cloud.roots.images import OWN, repository
from matapalo.cloud.roots.own import NAMESPACE, RELAY_PORT, TOKEN, relay_name
from matapalo.cloud.roots.ways import EDGE_PORT
from matapalo.cloud.scene import Scene
from matapalo.cloud.tree import Tree

CONFIG = "/etc/matapalo"
STATE = "/run/matapalo"
CONDUCTOR_PORT, COMPARISON_PORT = 8080, 8082
CONDUCTOR = f"http://conductor.{NAMESPACE}.svc.cluster.local:{CONDUCTOR_PORT}"
TOKEN_FILE = f"{secrets.FOLDER}/MATAPALO_TOKEN"
POSTGRES = DATABASE_PORTS["postgresql"]


def render(scene: Scene) -> Tree:
    """Return the manifests."""
    files = {
        "namespace.yaml": [space(NAMESPACE, "What moves slices."), *policies.closed(NAMESPACE)],
        "config.yaml": [_config(scene)],
        "edge.yaml": _edge(scene),
        "conductor.yaml": _conductor(scene),
        "comparison.yaml": _comparison(scene),
    }
    if own.authorizes(scene):
        files["authorizer.yaml"] = _authorizer(scene)
    if own.relayed(scene):
        files["relays.yaml"] = _relays(scene)
    if own.streams(scene):
        files["streams.yaml"] = _streams(scene)
    if scene.sizes.cluster.mode == "auto":
        files["nodes.yaml"] = nodes(scene)
    texts = {name: text(each) for name, each in files.items()}
    return Tree(texts).under(f"kubernetes/{scene.environment}/{NAMESPACE}")


def _config(scene: Scene) -> Object:
    data = {
        "matapalo.yaml": blueprint_text(scene),
        "endpoints.json": endpoints_text(scene),
        "databases.py": SCRIPT,
    }
    meta = {"name": "matapalo", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def _work(scene: Scene, name: str, *words: str, port: int | None, **rest: Any) -> Workload:
    listening = ("--port", str(port), "--listen", "0.0.0.0") if port else ()  # noqa: S104 - a pod's
    volumes = {CONFIG: {"configMap": {"name": "matapalo"}}, **rest.pop("volumes", {})}
    where = ("--blueprint", f"{CONFIG}/matapalo.yaml", "--env", scene.environment)
    settings: dict[str, Any] = {"replicas": 1, "cpu": 0.25, "memory": 512, **rest}
    return Workload(
        namespace=NAMESPACE,
        name=name,
        image=f"${{REGISTRY}}/{repository(scene, OWN)}:${{TAG}}",
        command=("matapalo", *words, *where, *listening),
        port=port,
        volumes=volumes,
        **settings,
    )


def _with_secrets(
    scene: Scene, work: Workload, wanted: Sequence[secrets.Wanted]
) -> Iterator[Object]:
    yield from objects(work)
    if wanted:
        yield secrets.provider(scene, NAMESPACE, work.name, wanted)


def _token(scene: Scene) -> secrets.Wanted:
    return secrets.Wanted("MATAPALO_TOKEN", secrets.name_of(scene, TOKEN))


ENDPOINTS = ("--endpoints", f"{CONFIG}/endpoints.json")
SHOWN = ("--conductor", CONDUCTOR, "--token-file", TOKEN_FILE)
MEMORY: Object = {"emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}}


def _edge(scene: Scene) -> Iterator[Object]:
    pod_name = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    work = _work(
        scene,
        "edge",
        # A pod remembers nothing of the one before it: what is switched is not the monolith's.
        "edge", "--told-first", *ENDPOINTS, *SHOWN,
        "--folder", f"{STATE}/edge", "--name", "$(POD_NAME)",
        port=EDGE_PORT,
        replicas=scene.sizes.replicas,
        most=max(10, 3 * scene.sizes.replicas),
        cpu=1,
        memory=1024,
        env=[pod_name],
        grace=scene.blueprint.edge.drain,
        volumes={STATE: MEMORY, **secrets.volume("edge")},
    )  # fmt: skip
    yield from _with_secrets(scene, work, [_token(scene)])
    called = [
        policies.to_pods(NAMESPACE, "conductor", CONDUCTOR_PORT),
        policies.to_pods(NAMESPACE, "comparison", COMPARISON_PORT),
    ]
    yield policies.policy(
        NAMESPACE,
        "edge",
        ingress=[policies.from_balancer(scene, EDGE_PORT)],
        egress=[*policies.egress(scene, Peer("edge")), *called],
    )
    yield binding(scene, NAMESPACE, "edge", EDGE_PORT, "EDGE_TARGET_GROUP_ARN")


def _conductor(scene: Scene) -> Iterator[Object]:
    arn = "${MATAPALO_LEDGER_SECRET_ARN}"
    wanted = [
        _token(scene),
        secrets.Wanted("PGUSER", arn, "username"),
        secrets.Wanted("PGPASSWORD", arn, "password"),
        *database_secrets(scene),
    ]
    moves = bool(own.streams(scene))
    databases = ("--databases", f"{STATE}/databases.json") if moves else ()
    given = {
        "MATAPALO_LEDGER_URL": "${MATAPALO_LEDGER_URL}",
        # For who moves slices, in this pod: see `conduct.sh`.
        "MATAPALO_CONDUCTOR": f"http://127.0.0.1:{CONDUCTOR_PORT}",
        "MATAPALO_TOKEN_FILE": TOKEN_FILE,
    }
    signs_on = [secrets.variable(v, "conductor", v) for v in ("PGUSER", "PGPASSWORD")]
    work = _work(
        scene,
        "conductor",
        "conduct", *ENDPOINTS, "--token-file", TOKEN_FILE, *databases,
        port=CONDUCTOR_PORT,
        health="/health",
        env=[*({"name": n, "value": v} for n, v in given.items()), *signs_on],
        # One leads; a second one would only wait for it to end.
        single=True,
        prepare=prepare(scene, "conductor") if moves else None,
        volumes={STATE: MEMORY, **secrets.volume("conductor")},
    )  # fmt: skip
    yield from _with_secrets(scene, work, wanted)
    yield policies.policy(
        NAMESPACE,
        "conductor",
        ingress=[policies.from_pods(CONDUCTOR_PORT, "edge", "comparison")],
        egress=[
            policies.to_stores(scene, POSTGRES),
            policies.to_aws(),
            *policies.egress(scene, Peer("edge")),
            *_to_databases(scene),
        ],
    )


def _comparison(scene: Scene) -> Iterator[Object]:
    work = _work(
        scene,
        "comparison",
        "compare", *ENDPOINTS, *SHOWN,
        port=COMPARISON_PORT,
        volumes=secrets.volume("comparison"),
    )  # fmt: skip
    yield from _with_secrets(scene, work, [_token(scene)])
    yield policies.policy(
        NAMESPACE,
        "comparison",
        ingress=[policies.from_pods(COMPARISON_PORT, "edge")],
        egress=[
            policies.to_pods(NAMESPACE, "conductor", CONDUCTOR_PORT),
            *policies.egress(scene, Peer("edge")),
        ],
    )


def _authorizer(scene: Scene) -> Iterator[Object]:
    names = own.secrets_by_account(scene)["authorizer"]
    wanted = [secrets.Wanted("MATAPALO_LOGIN_SECRET", secrets.name_of(scene, n)) for n in names]
    work = _work(
        scene,
        "authorizer",
        "authorize", *ENDPOINTS,
        port=policies.AUTHORIZER_PORT,
        health="/health",
        replicas=scene.sizes.replicas,
        most=3 * scene.sizes.replicas,
        env=list(secrets.variables("authorizer", wanted)),
        volumes=secrets.volume("authorizer") if wanted else {},
    )  # fmt: skip
    yield from _with_secrets(scene, work, wanted)
    yield policies.policy(
        NAMESPACE,
        "authorizer",
        ingress=[policies.from_pods(policies.AUTHORIZER_PORT, "edge")],
        egress=policies.egress(scene, Peer("authorizer")),
    )


def _relays(scene: Scene) -> Iterator[Object]:
    """Functions are called by pods that may do this and nothing else."""
    yield _account(own.RELAY)
    called = inside.called(scene)
    for full in own.relayed(scene):
        arn = own.function_arn(scene, full, scene.account or "${ACCOUNT}")
        work = _work(
            scene,
            relay_name(full),
            "relay", full, "--function", arn,
            port=RELAY_PORT,
            health=own.RELAY_HEALTH,
            replicas=scene.sizes.replicas,
            most=3 * scene.sizes.replicas,
            account=own.RELAY,
            grace=scene.targets.functions[full].timeout,
        )  # fmt: skip
        yield from objects(work)
        balanced, peer = full in called, Peer("function", full)
        callers = policies.ingress(scene, peer, RELAY_PORT, behind_balancer=balanced)
        compared = policies.from_pods(RELAY_PORT, "comparison")
        yield policies.policy(
            NAMESPACE, work.name, ingress=[*callers, compared], egress=[policies.to_aws()]
        )
        if balanced:
            variable = told.variable(work.name, "TARGET_GROUP_ARN")
            yield binding(scene, NAMESPACE, work.name, RELAY_PORT, variable)


def _account(name: str) -> Object:
    meta = {"name": name, "namespace": NAMESPACE}
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta,
        "automountServiceAccountToken": False,
    }


WAYS: dict[str, tuple[str, ...]] = {"forward": (), "reverse": ("--reverse",)}


def _streams(scene: Scene) -> Iterator[Object]:
    """A stream that has nothing to do yet waits until the conductor says so."""
    wanted = list(database_secrets(scene))
    yield secrets.provider(scene, NAMESPACE, "streams", wanted)
    yield _account("streams")
    for piece in own.streams(scene):
        for way, words in WAYS.items():
            yield from _stream(scene, piece, way, words)


def _stream(scene: Scene, piece: str, way: str, words: Sequence[str]) -> Iterator[Object]:
    work = _work(
        scene,
        f"stream-{piece}-{way}",
        "stream", "run", piece, *words, "--databases", f"{STATE}/databases.json",
        port=None,
        cpu=0.5,
        account="streams",
        # Two would only wait for each other.
        single=True,
        prepare=prepare(scene, "streams"),
        volumes={STATE: MEMORY, **secrets.volume("streams")},
    )  # fmt: skip
    yield from objects(work)
    yield policies.policy(
        NAMESPACE, work.name, ingress=[], egress=[*policies.egress(scene, Peer("stream", piece))]
    )


def _to_databases(scene: Scene) -> list[Object]:
    """The conductor asks the databases of its slices who may write."""
    return [
        rule
        for piece in own.streams(scene)
        for rule in policies.egress(scene, Peer("stream", piece))
    ]
