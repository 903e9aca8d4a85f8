"""Who talks to whom: what the blueprint says of it in many places, in one list.

Security groups, network policies and pictures are made of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from matapalo.blueprint.monolith import Monolith
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.security import Security
from matapalo.blueprint.slices import Slice
from matapalo.blueprint.store import Aurora, Cache, DocumentDb, Store
from matapalo.blueprint.targets import Target, Targets

PeerKind = Literal[
    "client", "edge", "site", "authorizer", "login", "stream", "database", "schedule",
    "monolith", "service", "function", "store", "topic", "queue", "bus", "system",
]  # fmt: skip
Protocol = Literal[
    "http", "https", "postgresql", "mysql", "mongodb", "redis", "memcached", "tcp", "aws"
]

SERVICE_PORT = 8080
HTTPS = 443
DATABASE_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
DOCUMENT_PORT = 27017
CACHE_PORTS = {"valkey": 6379, "redis": 6379, "memcached": 11211}


@dataclass(frozen=True, order=True, slots=True)
class Peer:
    """One who talks or is talked to. `name` is its full name, or empty where there is only one."""

    kind: PeerKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


@dataclass(frozen=True, order=True, slots=True)
class Relation:
    """A caller, whom it calls, and how. `aws` is a call to a service of AWS, over HTTPS.

    `port` is None where it is chosen when the callee starts.
    """

    caller: Peer
    callee: Peer
    protocol: Protocol
    port: int | None
    why: str


def relations(blueprint: Blueprint) -> tuple[Relation, ...]:
    """Return everybody who talks to somebody, sorted, each pair once a protocol and reason."""
    targets = Targets(blueprint)
    return tuple(
        sorted(
            {
                *_door(blueprint, targets),
                *_login(blueprint),
                *_uses(blueprint, targets),
                *_events(blueprint, targets),
                *_streams(blueprint, targets),
            },
            key=lambda r: (r.caller, r.callee, r.protocol, r.port or 0, r.why),
        )
    )


EDGE = Peer("edge")
MONOLITH = Peer("monolith", "monolith")


def _door(blueprint: Blueprint, targets: Targets) -> Iterator[Relation]:
    yield Relation(Peer("client"), EDGE, "https", HTTPS, "requests")
    yield _to_monolith(EDGE, blueprint.monolith, "what nobody else claims")
    if blueprint.site:
        yield Relation(EDGE, Peer("site"), "aws", HTTPS, "the site's files")
    for name, service in targets.services.items():
        if service.routes:
            yield _to_service(EDGE, name, targets, "its routes")
    for name, function in targets.functions.items():
        if function.routes:
            yield _to_function(EDGE, name, "its routes")
    for name, piece in blueprint.slices.items():
        if piece.routes:
            yield from _to_owner(EDGE, piece.to, targets, f"slice {name}")


def _login(blueprint: Blueprint) -> Iterator[Relation]:
    security = blueprint.security
    if security is None:
        return
    authorizer = Peer("authorizer")
    yield Relation(EDGE, authorizer, "http", None, "who a caller is")
    url = _login_url(security)
    if url is None:
        yield _to_monolith(authorizer, blueprint.monolith, "who a caller is")
    else:
        yield _to_url(authorizer, Peer("login"), url, "who a caller is")


def _login_url(security: Security) -> str | None:
    login = security.login
    return login.jwks if login.kind == "jwt" else login.url


def _uses(blueprint: Blueprint, targets: Targets) -> Iterator[Relation]:
    for name, service in targets.services.items():
        yield from _calls(Peer("service", name), service.uses, blueprint, targets)
    for name, function in targets.functions.items():
        yield from _calls(Peer("function", name), function.uses, blueprint, targets)
    yield from _calls(MONOLITH, blueprint.monolith.uses, blueprint, targets)


def _calls(
    caller: Peer, uses: tuple[str, ...], blueprint: Blueprint, targets: Targets
) -> Iterator[Relation]:
    product = caller.name.partition("/")[0] if "/" in caller.name else None
    for use in uses:
        target = targets.find(use, product)
        if target is not None:
            yield from _call(caller, target, blueprint, targets)


def _call(
    caller: Peer, target: Target, blueprint: Blueprint, targets: Targets
) -> Iterator[Relation]:
    callee = Peer(target.kind, target.name)
    match target.kind:
        case "monolith":
            yield _to_monolith(caller, blueprint.monolith, "uses")
        case "service" | "function":
            yield from _to_owner(caller, target.name, targets, "uses")
        case "store":
            yield _to_store(caller, callee, targets.stores[target.name], "uses")
        case "system":
            for port in blueprint.network.restrictions[target.name].ports:
                yield Relation(caller, callee, "tcp", port, "uses")
        case _:
            yield Relation(caller, callee, "aws", HTTPS, "uses")


def _events(blueprint: Blueprint, targets: Targets) -> Iterator[Relation]:
    events = blueprint.events
    for name, topic in events.topics.items():
        for subscription in topic.subscriptions:
            yield from _told(Peer("topic", name), subscription.to, targets, "subscription")
    for name, rule in events.rules.items():
        for to in rule.to:
            yield from _told(Peer("bus", "bus"), to, targets, f"rule {name}")
    for name, schedule in events.schedules.items():
        yield from _told(Peer("schedule", name), schedule.to, targets, "by the clock")


def _told(caller: Peer, to: str, targets: Targets, why: str) -> Iterator[Relation]:
    target = targets.find(to)
    if target is not None:
        yield Relation(caller, Peer(target.kind, target.name), "aws", HTTPS, why)


def _streams(blueprint: Blueprint, targets: Targets) -> Iterator[Relation]:
    database = blueprint.monolith.database
    if database is None:
        return
    for name, piece in blueprint.slices.items():
        if not piece.tables:
            continue
        stream, why = Peer("stream", name), f"slice {name}"
        engine: Protocol = "postgresql" if database.engine == "postgresql" else "mysql"
        port = (database.url and urlsplit(database.url).port) or DATABASE_PORTS[database.engine]
        yield Relation(stream, Peer("database", database.name), engine, port, why)
        store = store_of(piece, targets)
        if store is not None:
            yield _to_store(stream, Peer("store", store), targets.stores[store], why)


def store_of(piece: Slice, targets: Targets) -> str | None:
    """Return the full name of the store that a slice's tables go to, if it is plain which."""
    product = piece.to.partition("/")[0]
    if piece.store is not None:
        target = targets.find(piece.store, product)
        return target.name if target and target.kind == "store" else None
    owner = targets.services.get(piece.to) or targets.functions.get(piece.to)
    used = [targets.find(use, product) for use in (owner.uses if owner else ())]
    fit = [t.name for t in used if t and isinstance(targets.stores.get(t.name), Aurora)]
    return fit[0] if len(fit) == 1 else None


def _to_owner(caller: Peer, name: str, targets: Targets, why: str) -> Iterator[Relation]:
    if name in targets.services:
        yield _to_service(caller, name, targets, why)
    elif name in targets.functions:
        yield _to_function(caller, name, why)


def _to_service(caller: Peer, name: str, targets: Targets, why: str) -> Relation:
    service = targets.services[name]
    if service.url:
        return _to_url(caller, Peer("service", name), service.url, why)
    return Relation(caller, Peer("service", name), "http", service.port or SERVICE_PORT, why)


def _to_function(caller: Peer, name: str, why: str) -> Relation:
    return Relation(caller, Peer("function", name), "aws", HTTPS, why)


def _to_monolith(caller: Peer, monolith: Monolith, why: str) -> Relation:
    if monolith.url is None:
        return Relation(caller, MONOLITH, "http", None, why)
    return _to_url(caller, MONOLITH, monolith.url, why)


def _to_store(caller: Peer, callee: Peer, store: Store, why: str) -> Relation:
    if isinstance(store, Aurora):
        return Relation(caller, callee, "postgresql", DATABASE_PORTS["postgresql"], why)
    if isinstance(store, DocumentDb):
        return Relation(caller, callee, "mongodb", DOCUMENT_PORT, why)
    if isinstance(store, Cache):
        protocol: Protocol = "memcached" if store.engine == "memcached" else "redis"
        return Relation(caller, callee, protocol, CACHE_PORTS[store.engine], why)
    return Relation(caller, callee, "aws", HTTPS, why)


def _to_url(caller: Peer, callee: Peer, url: str, why: str) -> Relation:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (HTTPS if secure else 80)
    return Relation(caller, callee, "https" if secure else "http", port, why)
