"""What the processes read: the blueprint of this environment, and where everything answers."""

import json
from typing import Any
from urllib.parse import urlsplit

from matapalo.blueprint import Blueprint
from matapalo.blueprint.relations import HTTPS, SERVICE_PORT
from matapalo.cloud.kubernetes.policies import AUTHORIZER_PORT
from matapalo.cloud.kubernetes.yaml import one
from matapalo.cloud.roots.own import NAMESPACE, RELAY_PORT, authorizes, relay_name, relayed
from matapalo.cloud.scene import Scene

COMPARISON_PORT = 8082
CLIENT = "x-matapalo-client"
"""The header in which CloudFront names the caller's address."""


def blueprint_text(scene: Scene) -> str:
    """Return the blueprint, its overlay laid upon it already: to lay it anew changes nothing."""
    return one(_literal(settled(scene).model_dump(mode="json", exclude_defaults=True)))


def settled(scene: Scene) -> Blueprint:
    """Return the blueprint, with what is true of the edge here whatever it says elsewhere.

    X-Forwarded-For does not hold the caller's address here: API Gateway tells of him in `Forwarded`
    alone, and the load balancer begins X-Forwarded-For with the address of API Gateway's link. But
    CloudFront names him in a header of its own (`modules/front`). Where there is `security`, nobody
    comes in past it; without, whoever calls API Gateway itself may name any address.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    https://medium.com/@lancers/amazon-api-gateway-explaining-http-proxy-in-http-api-3ea0afe6b03c
    """
    edge = scene.blueprint.edge.model_copy(update={"client_header": CLIENT, "trusted_hops": 0})
    return scene.blueprint.model_copy(update={"edge": edge})


def _literal(value: Any) -> Any:
    """Variables stand in it no longer: what looks like one is meant as it is."""
    if isinstance(value, dict):
        return {key: _literal(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_literal(each) for each in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


def endpoints_text(scene: Scene) -> str:
    """Return where everything answers: `matapalo.edge.endpoints.Endpoints`, as JSON."""
    b = scene.blueprint
    at = {"comparison": _pods(NAMESPACE, "comparison", COMPARISON_PORT)}
    if b.monolith.url:
        at["monolith"] = _elsewhere(b.monolith.url)
    if authorizes(scene):
        at["authorizer"] = _pods(NAMESPACE, "authorizer", AUTHORIZER_PORT)
    for name in relayed(scene):
        at[name] = _pods(NAMESPACE, relay_name(name), RELAY_PORT)
    for name, service in b.services().items():
        product, short = name.split("/")
        here = _pods(product, short, service.port or SERVICE_PORT)
        at[name] = _elsewhere(service.url) if service.url else here
    return json.dumps({"at": {n: [e] for n, e in sorted(at.items())}}, indent=2) + "\n"


def _pods(namespace: str, name: str, port: int) -> dict[str, Any]:
    return {"host": f"{name}.{namespace}.svc.cluster.local", "port": port, "tls": False}


def _elsewhere(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    return {"host": parts.hostname, "port": parts.port or (HTTPS if tls else 80), "tls": tls}
