"""A deployment of hardened pods, and what comes with one: account, service, budget, scaling."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matapalo.cloud.kubernetes.yaml import Object

USER = 10001
"""Who processes run as: nobody in particular, and never root."""
SKIPPED = {
    "CKV_K8S_43": "Tags of our registry are never moved; the pipeline says which one runs.",
    "CKV_K8S_35": "Services read their environment, here as on a laptop; the files are there too.",
}
"""What a check finds and is meant, with its reason: checkov reads it in the manifest."""
UNPROBED = {
    "CKV_K8S_8": "It answers nobody; a stream that breaks ends its process.",
    "CKV_K8S_9": "It answers nobody; the conductor asks the database how far it is.",
}
PREPARE_TO_STOP = 5
"""Seconds in which load balancers hear that a pod ends, before it is told so itself."""


@dataclass(frozen=True)
class Workload:
    """What one deployment is."""

    namespace: str
    name: str
    image: str
    port: int | None
    replicas: int
    cpu: float
    memory: int
    """In MiB."""
    command: Sequence[str] = ()
    env: Sequence[Object] = ()
    health: str | None = None
    """A path that answers 200; only that the port is open, where there is none."""
    most: int = 0
    """How many run at most; as many as at least, where it is 0."""
    grace: float = 30
    """Seconds that requests in flight may take to end."""
    volumes: Mapping[str, Object] = field(default_factory=dict)
    """By the path at which it is mounted."""
    prepare: Object | None = None
    """A container that runs before."""
    account: str | None = None
    """The service account, if it is not one of its own."""
    single: bool = False
    """Whether no two may run at once, not even while one replaces the other."""


def objects(it: Workload) -> Iterator[Object]:
    """Return a workload's objects, its network policy aside."""
    if it.account is None:
        yield _object(it, "v1", "ServiceAccount", automountServiceAccountToken=False)
    yield deployment(it)
    if it.port:
        yield service(it)
    if it.replicas > 1:
        yield budget(it)
    if it.most > it.replicas:
        yield scaling(it)


def labels(it: Workload) -> dict[str, str]:
    """Return what a workload's pods are found by."""
    return {"app.kubernetes.io/name": it.name, "app.kubernetes.io/part-of": it.namespace}


def _object(
    it: Workload, version: str, kind: str, annotations: Object | None = None, **rest: Any
) -> Object:
    meta = {
        "name": it.name,
        "namespace": it.namespace,
        "labels": labels(it),
        "annotations": annotations,
    }
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}


def deployment(it: Workload) -> Object:
    """Return the deployment."""
    reasons = SKIPPED if it.port else SKIPPED | UNPROBED
    notes = {f"checkov.io/skip{n}": f"{c}={w}" for n, (c, w) in enumerate(reasons.items(), 1)}
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    return _object(
        it,
        "apps/v1",
        "Deployment",
        annotations=notes,
        spec={
            # The scaler's, where there is one.
            "replicas": None if it.most > it.replicas else it.replicas,
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": 600,
            "selector": {"matchLabels": labels(it)},
            "strategy": {"type": "Recreate"} if it.single else rolling,
            "template": {"metadata": {"labels": labels(it)}, "spec": _pod(it)},
        },
    )


def _pod(it: Workload) -> Object:
    spread = {
        "labelSelector": {"matchLabels": labels(it)},
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
    }
    volumes = {"/tmp": {"emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}, **it.volumes}  # noqa: S108 - the pod's own
    named = {path: _volume_name(path) for path in volumes}
    return {
        "serviceAccountName": it.account or it.name,
        # What pods may do on AWS comes by Pod Identity; of Kubernetes they ask nothing.
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": round(it.grace) + PREPARE_TO_STOP + 5,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [spread],
        "initContainers": [_hardened(it.prepare, it, named)] if it.prepare else None,
        "containers": [_container(it, named)],
        "volumes": [{"name": named[path], **volume} for path, volume in volumes.items()],
    }


def _container(it: Workload, named: Mapping[str, str]) -> Object:
    probe = _probe(it)
    slow = {**probe, "failureThreshold": 60, "periodSeconds": 2} if probe else None
    own = {
        "name": it.name,
        "command": list(it.command) or None,
        "env": list(it.env) or None,
        "ports": [{"name": "http", "containerPort": it.port}] if it.port else None,
        "startupProbe": slow,
        "readinessProbe": {**probe, "periodSeconds": 5} if probe else None,
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 6} if probe else None,
        "lifecycle": {"preStop": {"sleep": {"seconds": PREPARE_TO_STOP}}} if it.port else None,
    }
    return _hardened(own, it, named)


def _hardened(container: Object, it: Workload, named: Mapping[str, str]) -> Object:
    memory = f"{it.memory}Mi"
    return {
        "image": it.image,
        # Images that are built elsewhere may move their tags.
        "imagePullPolicy": "Always",
        "resources": {
            "requests": {"cpu": cores(it.cpu), "memory": memory},
            # Cores may be had beyond what is asked for where they are idle; memory may not.
            "limits": {"cpu": cores(4 * it.cpu), "memory": memory},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        },
        "volumeMounts": [
            {"name": name, "mountPath": path, "readOnly": _is_read_only(path) or None}
            for path, name in named.items()
        ],
        **container,
    }


def _probe(it: Workload) -> dict[str, Any] | None:
    if it.port is None:
        return None
    if it.health is None:
        return {"tcpSocket": {"port": "http"}}
    return {"httpGet": {"path": it.health, "port": "http"}, "timeoutSeconds": 3}


def _is_read_only(path: str) -> bool:
    return path.startswith(("/etc/", "/var/run/secrets/"))


def _volume_name(path: str) -> str:
    return path.strip("/").replace("/", "-")


def cores(number: float) -> str:
    """Return cores as Kubernetes writes them: `250m`."""
    return f"{round(number * 1000)}m"


def service(it: Workload) -> Object:
    """Return the name by which it is found in the cluster."""
    ports = [{"name": "http", "port": it.port, "targetPort": "http"}]
    return _object(
        it, "v1", "Service", spec={"type": "ClusterIP", "selector": labels(it), "ports": ports}
    )


def budget(it: Workload) -> Object:
    """Return how many may be away at once when nodes are renewed."""
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": labels(it)}}
    return _object(it, "policy/v1", "PodDisruptionBudget", spec=spec)


def scaling(it: Workload) -> Object:
    """Return how many run, by how busy they are."""
    busy = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    return _object(
        it,
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        spec={
            "minReplicas": it.replicas,
            "maxReplicas": it.most,
            "metrics": [{"type": "Resource", "resource": busy}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": it.name},
        },
    )
