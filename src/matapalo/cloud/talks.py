"""Security groups: who talks to whom in the blueprint, as groups and rules of a network.

    relation (who, whom, port) ─▶ group → group           within the network
                               └▶ group → range of addresses   outside of it

Pods of one cluster share a group: Kubernetes' network policies tell them apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from urllib.parse import urlsplit

from matapalo.blueprint import Aurora, Blueprint, Cache, DocumentDb, Link, Store
from matapalo.blueprint.relations import HTTPS, Peer, Relation, relations
from matapalo.cloud.former import first_store

ANYWHERE = "0.0.0.0/0"
CLUSTER = "cluster"
AUTHORIZER = "authorizer"
MIGRATION = "migration"

_OF_CLUSTER = frozenset({"service", "edge", "stream"})
_OUTSIDE = frozenset({"monolith", "login", "system", "database"})


@dataclass(frozen=True, order=True, slots=True)
class Rule:
    """A group that calls another one on a port."""

    caller: str
    callee: str
    port: int
    why: str


@dataclass(frozen=True, order=True, slots=True)
class Way:
    """A group that calls a range of addresses on a port."""

    caller: str
    cidr: str
    port: int
    why: str


@dataclass(frozen=True, slots=True)
class Talks:
    """The groups of an environment (name, what it is for) and what goes between them."""

    groups: dict[str, str]
    rules: tuple[Rule, ...]
    ways: tuple[Way, ...]


def talks(blueprint: Blueprint) -> Talks:
    """Return the groups and their rules, sorted; each pair and port once."""
    groups = _groups(blueprint)
    found = relations(blueprint)
    rules: dict[tuple[str, str, int], Rule] = {}
    ways: dict[tuple[str, str, int], Way] = {}
    for relation in found:
        for caller in _callers(relation, blueprint, groups):
            for rule in _within(caller, relation, blueprint, groups):
                rules.setdefault((rule.caller, rule.callee, rule.port), rule)
            for way in _beyond(caller, relation, blueprint):
                ways.setdefault((way.caller, way.cidr, way.port), way)
    for group in groups:
        if not group.startswith("stores/"):
            way = Way(group, ANYWHERE, HTTPS, "services of AWS, and images")
            ways.setdefault((group, ANYWHERE, HTTPS), way)
    return Talks(groups, tuple(sorted(rules.values())), tuple(sorted(ways.values())))


def in_network(store: Store) -> bool:
    """Whether a store has addresses in the network; others are services of AWS."""
    return isinstance(store, Aurora | DocumentDb | Cache)


def _groups(blueprint: Blueprint) -> dict[str, str]:
    groups = {CLUSTER: "The cluster: nodes and pods"}
    if blueprint.security:
        groups[AUTHORIZER] = "The authorizer"
    if any(piece.stream == "dms" for piece in blueprint.slices.values()):
        groups[MIGRATION] = "Database Migration Service"
    groups |= {f"functions/{name}": f"The function {name}" for name in blueprint.functions()}
    # A group is made anew where its text changes, so a store has that of its first name.
    kept = {*_stores(blueprint), *_released(blueprint)}
    groups |= {f"stores/{first}": f"The store {first}" for first in kept}
    return dict(sorted(groups.items()))


def _stores(blueprint: Blueprint) -> Iterator[str]:
    for name, store in blueprint.stores().items():
        if in_network(store):
            yield first_store(blueprint, name)


def _released(blueprint: Blueprint) -> Iterator[str]:
    """Yield the stores that Terraform let go of: their groups live on, and nobody enters."""
    for product, part in blueprint.products.items():
        for name, kind in part.released.items():
            if kind in ("aurora", "documentdb", "cache"):
                yield first_store(blueprint, f"{product}/{name}")


def _callers(relation: Relation, blueprint: Blueprint, groups: dict[str, str]) -> Iterator[str]:
    caller = relation.caller
    if caller.kind == "stream" and blueprint.slices[caller.name].stream == "dms":
        yield MIGRATION
    if caller.kind in _OF_CLUSTER:
        yield CLUSTER
    elif caller.kind == "authorizer":
        # The edge's pods ask the login too, for requests that do not come by API Gateway.
        yield from (AUTHORIZER, CLUSTER)
    elif caller.kind == "function" and f"functions/{caller.name}" in groups:
        yield f"functions/{caller.name}"


def _within(
    caller: str, relation: Relation, blueprint: Blueprint, groups: dict[str, str]
) -> Iterator[Rule]:
    # Functions reach services by the load balancer, whose root opens the way.
    if (relation.caller.kind, relation.callee.kind) == ("function", "service"):
        return
    group = _group_of(relation.callee, blueprint)
    if group in groups and relation.port is not None:
        yield Rule(caller, group, relation.port, _why(relation))


def _group_of(peer: Peer, blueprint: Blueprint) -> str:
    if peer.kind in _OF_CLUSTER:
        return CLUSTER
    return f"stores/{first_store(blueprint, peer.name)}" if peer.kind == "store" else ""


def _beyond(caller: str, relation: Relation, blueprint: Blueprint) -> Iterator[Way]:
    if relation.callee.kind not in _OUTSIDE or relation.port is None:
        return
    for cidr in _ranges(relation.callee, blueprint):
        yield Way(caller, cidr, relation.port, _why(relation))


def _ranges(callee: Peer, blueprint: Blueprint) -> tuple[str, ...]:
    """Return the addresses of what lies outside, as narrow as the blueprint knows them."""
    network, monolith = blueprint.network, blueprint.monolith
    if callee.kind == "system":
        system = network.restrictions[callee.name]
        return system.cidrs or _behind(network.links.get(system.link or ""))
    if callee.kind == "database":
        url = monolith.database.url if monolith.database else None
        return _host(url) or _behind(network.links.get(monolith.link or ""))
    if callee.kind == "login" and blueprint.security:
        return _behind(network.links.get(blueprint.security.link or ""))
    return _host(monolith.url) or _behind(network.links.get(monolith.link or ""))


def _host(url: str | None) -> tuple[str, ...]:
    """Return the address that a URL names, as a range; nothing where it names a host."""
    host = urlsplit(url).hostname if url else None
    try:
        address = ip_address(host or "")
    except ValueError:
        return ()
    return (f"{address}/32",) if isinstance(address, IPv4Address) else ()


def _behind(link: Link | None) -> tuple[str, ...]:
    return getattr(link, "cidrs", ()) or (ANYWHERE,)


def _why(relation: Relation) -> str:
    """Return a sentence of the letters that AWS takes in a rule's description."""
    return f"{relation.caller} to {relation.callee}: {relation.why}"
