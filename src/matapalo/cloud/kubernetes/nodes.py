"""Nodes of Auto Mode: what they are, and which security groups they and their pods are in."""

from collections.abc import Iterator
from typing import Any

from matapalo.cloud.kubernetes.yaml import Object
from matapalo.cloud.scene import Scene

LONGEST_LIFE = "336h"
"""Two weeks: nodes are renewed with what was patched meanwhile."""


def nodes(scene: Scene) -> Iterator[Object]:
    """Return the class and the pool of the products' nodes, and the switch of network policies."""
    cluster = scene.names.of("cluster")
    groups = [
        {"tags": {"Name": f"{scene.names.prefix}-cluster"}},
        {"tags": {"aws:eks:cluster-name": cluster}},
    ]
    yield _object(
        "eks.amazonaws.com/v1",
        "NodeClass",
        {
            "role": f"{cluster}-node",
            "subnetSelectorTerms": [{"tags": {f"kubernetes.io/cluster/{cluster}": "shared"}}],
            "securityGroupSelectorTerms": groups,
            "networkPolicy": "DefaultAllow",
            "networkPolicyEventLogs": "Enabled",
            "ephemeralStorage": {"size": "80Gi"},
        },
    )
    yield _object("karpenter.sh/v1", "NodePool", _pool())
    yield {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "amazon-vpc-cni", "namespace": "kube-system"},
        "data": {"enable-network-policy-controller": "true"},
    }


def _object(version: str, kind: str, spec: Object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "products"}, "spec": spec}


def _pool() -> Object:
    wanted: dict[str, list[str]] = {
        "eks.amazonaws.com/instance-category": ["c", "m", "r"],
        "karpenter.sh/capacity-type": ["on-demand"],
        "kubernetes.io/arch": ["amd64"],
        "kubernetes.io/os": ["linux"],
    }
    requirements: list[Any] = [
        {"key": key, "operator": "In", "values": values} for key, values in wanted.items()
    ]
    reference = {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "products"}
    spec = {
        "expireAfter": LONGEST_LIFE,
        "nodeClassRef": reference,
        "requirements": requirements,
        "terminationGracePeriod": "1h",
    }
    return {
        "disruption": {
            "budgets": [{"nodes": "10%"}],
            "consolidateAfter": "1m",
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
        },
        "template": {"spec": spec},
    }
