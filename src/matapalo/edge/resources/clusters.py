"""Clusters: whom the edge can send a request to, one a thing that is metered apart."""

import ipaddress
from collections.abc import Iterable

from matapalo.blueprint import Blueprint, Jwt
from matapalo.edge.endpoints import Endpoint, Endpoints
from matapalo.edge.resources import clock, names
from matapalo.edge.resources.names import Json, kept_of, seconds, side_of, typed, writes_of
from matapalo.edge.resources.place import Place

CONNECT = 2.0
"""Seconds to wait for a connection."""
IDLE = 4.0
"""Seconds an unused connection is kept: less than the 5 that many servers keep theirs, because a
request that meets a closing connection is lost, and a write must not be sent twice."""
WIDE = 10_000
"""Requests to one cluster at once; the machine gives out before."""
SHADOWS = 100
"""Copies in flight at once: a new side that hangs must not cost the edge its memory."""


def clusters(blueprint: Blueprint, endpoints: Endpoints, place: Place) -> list[Json]:
    """Return every cluster, sorted by name; one without a known endpoint answers 503."""
    trust = place.trust
    wide = {name: _cluster(name, at, WIDE, trust) for name, at in _targets(blueprint, endpoints)}
    copies = _copies(blueprint, endpoints)
    bounded = {name: _cluster(name, at, SHADOWS, trust) for name, at in copies.items()}
    own = {names.CLOCK: clock.cluster(place)}
    return [cluster for _, cluster in sorted({**wide, **bounded, **own}.items())]


def _copies(blueprint: Blueprint, endpoints: Endpoints) -> dict[str, tuple[Endpoint, ...]]:
    """What copies are sent to: nobody waits for an answer."""
    shadows = {side_of(name, "shadow"): slice_.to for name, slice_ in blueprint.slices.items()}
    own = {**shadows, names.COMPARISON: names.COMPARISON}
    return {name: endpoints.at.get(target, ()) for name, target in own.items()}


def _targets(
    blueprint: Blueprint, endpoints: Endpoints
) -> Iterable[tuple[str, tuple[Endpoint, ...]]]:
    """Everything that somebody waits for, and where it answers."""
    login = blueprint.security.login if blueprint.security else None
    if isinstance(login, Jwt) and login.jwks:
        yield names.KEYS, (Endpoint.from_url(login.jwks),)
    asked = [names.AUTHORIZER] if login and not isinstance(login, Jwt) else []
    site = [names.SITE] if blueprint.site else []
    own = {name: name for name in [names.MONOLITH, *asked, *site]}
    own |= {name: name for name in [*blueprint.services(), *blueprint.functions()]}
    for name, slice_ in blueprint.slices.items():
        own |= {side_of(name, "monolith"): names.MONOLITH, side_of(name, "new"): slice_.to}
        own |= {writes_of(name, "monolith"): names.MONOLITH, writes_of(name, "new"): slice_.to}
        own[kept_of(name)] = names.MONOLITH
    yield from ((name, endpoints.at.get(target, ())) for name, target in own.items())


def _cluster(name: str, at: tuple[Endpoint, ...], most: int, trust: str) -> Json:
    return {
        "name": name,
        "type": "STATIC" if all(map(_is_address, at)) else "STRICT_DNS",
        "dns_lookup_family": "V4_PREFERRED",
        "connect_timeout": seconds(CONNECT),
        "lb_policy": "LEAST_REQUEST",
        "load_assignment": _assignment(name, at),
        "circuit_breakers": _breakers(most),
        "typed_extension_protocol_options": _protocol(),
        **_transport(at, trust),
    }


def _is_address(endpoint: Endpoint) -> bool:
    try:
        ipaddress.ip_address(endpoint.host)
    except ValueError:
        return False
    return True


def _assignment(name: str, at: tuple[Endpoint, ...]) -> Json:
    members = [
        {"endpoint": {"address": address(e.host, e.port), "hostname": e.host if e.tls else ""}}
        for e in at
    ]
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": members}] if members else []}


def address(host: str, port: int) -> Json:
    """Return a TCP address."""
    return {"socket_address": {"address": host, "port_value": port}}


def _breakers(most: int) -> Json:
    kinds = ("max_connections", "max_pending_requests", "max_requests", "max_retries")
    # What remains tells how many are between two attempts, whom no other figure shows.
    return {"thresholds": [{**dict.fromkeys(kinds, most), "track_remaining": True}]}


def _protocol() -> Json:
    return {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
            "extensions.upstreams.http.v3.HttpProtocolOptions",
            common_http_protocol_options={"idle_timeout": seconds(IDLE)},
            explicit_http_config={"http_protocol_options": {}},
        )
    }


def _transport(at: tuple[Endpoint, ...], trust: str) -> Json:
    """Over TLS the other side must prove that it is the host it was asked for by."""
    host = next((endpoint.host for endpoint in at if endpoint.tls), None)
    if host is None:
        return {}
    validation = {
        "trusted_ca": {"filename": trust},
        "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": host}}],
    }
    tls = typed(
        "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni=host,
        common_tls_context={"validation_context": validation},
    )
    return {"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": tls}}
