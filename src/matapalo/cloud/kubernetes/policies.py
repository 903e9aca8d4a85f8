"""Who may talk to whom in the cluster: nobody, but who is named.

Callers and callees are those of the blueprint's who-talks-to-whom. What is outside of the cluster
is named by its addresses where they are known; else by its port alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from matapalo.blueprint.relations import HTTPS, Peer, Relation
from matapalo.blueprint.subnets import subnets
from matapalo.cloud.kubernetes.yaml import Object
from matapalo.cloud.roots.own import NAMESPACE, RELAY_PORT, relay_name
from matapalo.cloud.roots.ways import is_address
from matapalo.cloud.scene import Scene

ANYWHERE = "0.0.0.0/0"
POD_IDENTITY = "169.254.170.23/32"
"""Where pods get the credentials of their role."""
OWN = {"edge": "edge", "authorizer": "authorizer", "stream": "streams"}
"""Matapalo's own processes in who-talks-to-whom, by their names in the cluster."""


def closed(namespace: str) -> Iterator[Object]:
    """Return the policies of a whole namespace: everything closed, but names and credentials."""
    yield _policy(namespace, "closed", {}, {"policyTypes": ["Ingress", "Egress"]})
    dns = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    yield _policy(
        namespace,
        "names-and-credentials",
        {},
        {
            "policyTypes": ["Egress"],
            "egress": [{"ports": dns}, _rule("to", [_addresses(POD_IDENTITY)], 80)],
        },
    )


def policy(
    namespace: str, name: str, *, ingress: Sequence[Object], egress: Sequence[Object]
) -> Object:
    """Return the policy of one workload."""
    return _policy(
        namespace,
        name,
        {"matchLabels": {"app.kubernetes.io/name": name}},
        {
            "policyTypes": ["Ingress", "Egress"],
            "ingress": list(ingress) or None,
            "egress": list(egress) or None,
        },
    )


def _policy(namespace: str, name: str, selector: Object, spec: Mapping[str, Any]) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": selector, **spec},
    }


def ingress(scene: Scene, peer: Peer, port: int, *, behind_balancer: bool) -> list[Object]:
    """Return who may call a service."""
    callers = [r.caller for r in scene.calls_to.get(peer, ())]
    callers.append(Peer("edge"))
    who = [pods(*at) for caller in dict.fromkeys(callers) if (at := place(caller))]
    if behind_balancer:
        who += balancers(scene)
    return [_rule("from", who, port)]


def egress(scene: Scene, peer: Peer) -> list[Object]:
    """Return whom a service, or one of Matapalo's own, may call."""
    called = scene.calls_by.get(peer, ())
    rules = [_rule("to", _callees(scene, r), _port(r)) for r in called if _port(r)]
    return list({str(rule): rule for rule in rules}.values())


def to_pods(namespace: str, name: str, port: int) -> Object:
    """Return the rule that lets somebody call these pods."""
    return _rule("to", [pods(namespace, name)], port)


def from_pods(port: int, *names: str) -> Object:
    """Return the rule that lets Matapalo's own pods of these names call."""
    return _rule("from", [pods(NAMESPACE, name) for name in names], port)


def from_balancer(scene: Scene, port: int) -> Object:
    """Return the rule that lets the load balancer call."""
    return _rule("from", balancers(scene), port)


def to_aws() -> Object:
    """Return the rule that lets somebody call services of AWS, wherever they answer."""
    return _rule("to", [_addresses(ANYWHERE)], HTTPS)


def to_stores(scene: Scene, port: int) -> Object:
    """Return the rule that lets somebody call stores; security groups say which."""
    return _rule("to", _subnets(scene, "isolated"), port)


def balancers(scene: Scene) -> list[Object]:
    """Return where load balancers are: in the private subnets."""
    return _subnets(scene, "private")


def place(peer: Peer) -> tuple[str, str] | None:
    """Return the namespace and name of somebody's pods, if he is in the cluster."""
    if peer.kind == "service":
        product, name = peer.name.split("/")
        return product, name
    if peer.kind in OWN:
        return NAMESPACE, OWN[peer.kind]
    return None


def pods(namespace: str, name: str) -> Object:
    """Return pods as a policy names them."""
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
    }


def _port(relation: Relation) -> int | None:
    by_pods = {"authorizer": AUTHORIZER_PORT, "function": RELAY_PORT}
    return by_pods.get(relation.callee.kind, relation.port)


AUTHORIZER_PORT = 8081


def _callees(scene: Scene, relation: Relation) -> list[Object]:
    peer, b = relation.callee, scene.blueprint
    if at := place(peer):
        service = scene.targets.services.get(peer.name)
        if service is None or service.url is None:
            return [pods(*at)]
    if peer.kind == "function":
        return [pods(NAMESPACE, relay_name(peer.name))]
    if peer.kind == "store" and relation.protocol != "aws":
        return _subnets(scene, "isolated")
    if peer.kind == "system":
        it = b.network.restrictions[peer.name]
        return [_addresses(cidr) for cidr in it.cidrs] or _by_url(scene, None, it.link)
    known = {
        "monolith": (b.monolith.url, b.monolith.link),
        "login": (None, b.security.link if b.security else None),
        "database": (_database_url(scene), b.monolith.link),
    }
    return _by_url(scene, *known.get(peer.kind, (None, None)))


def _database_url(scene: Scene) -> str | None:
    database = scene.blueprint.monolith.database
    return database.url if database else None


def _by_url(scene: Scene, url: str | None, link: str | None) -> list[Object]:
    host = urlsplit(url).hostname if url else None
    if host and is_address(host):
        return [_addresses(f"{host}/32")]
    known = scene.blueprint.network.links.get(link or "")
    return [_addresses(cidr) for cidr in getattr(known, "cidrs", ())] or [_addresses(ANYWHERE)]


def _subnets(scene: Scene, tier: str) -> list[Object]:
    return [_addresses(s.cidr) for s in subnets(scene.blueprint.network) if s.tier == tier]


def _addresses(cidr: str) -> Object:
    return {"ipBlock": {"cidr": cidr}}


def _rule(way: str, peers: Sequence[Object], port: int | None) -> Object:
    return {way: list(peers), "ports": [{"port": port, "protocol": "TCP"}]}
