"""The listener: the door itself, and what every request passes before its route.

client ─▶ names and paths made plain ─▶ rate ─▶ size ─▶ who is it? ─▶ who owns it? ─▶ route
"""

from matapalo.blueprint import Blueprint, Edge, Limits, RateLimit
from matapalo.edge.resources import names, security, site, steering
from matapalo.edge.resources.bootstrap import watched
from matapalo.edge.resources.clusters import address
from matapalo.edge.resources.log import access_log, local_replies
from matapalo.edge.resources.names import Json, extension, header, seconds, typed
from matapalo.edge.resources.place import Place

CLIENTS = 100_000
"""Clients whose rate is kept apart; the longest unseen is forgotten first."""
BUFFER = 1024 * 1024
"""Bytes of a request kept to be sent again when nobody has taken the first attempt."""


def listener(blueprint: Blueprint, place: Place, edge: str) -> Json:
    """Return the listener of the edge of that name."""
    return {
        "name": names.LISTENER,
        "address": address(place.address, place.port),
        # One socket for all workers: no connection is lost in the queue of a worker that ends.
        "enable_reuse_port": False,
        "per_connection_buffer_limit_bytes": BUFFER,
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": _manager(blueprint, place, edge),
                    }
                ]
            }
        ],
    }


def _manager(blueprint: Blueprint, place: Place, edge: str) -> Json:
    own = blueprint.edge
    return typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="edge",
        rds={
            "route_config_name": names.ROUTES,
            "config_source": watched(place.discovery("routes")),
        },
        http_filters=_filters(blueprint, place, edge),
        access_log=[access_log()],
        local_reply_config=local_replies(),
        server_header_transformation="PASS_THROUGH",
        upgrade_configs=[{"upgrade_type": "websocket"}],
        request_id_extension={
            "typed_config": typed(
                "extensions.request_id.uuid.v3.UuidRequestIdConfig", pack_trace_reason=False
            )
        },
        **_client(own),
        **_paths(),
        **_limits(own.limits),
    )


def _client(own: Edge) -> Json:
    """Nobody is believed about anything, except the proxies before the edge about the address."""
    named = own.client_header
    mutations: list[Json] = [
        *([{"append": header("x-forwarded-for", f"%REQ({named})%")}] if named else []),
        {"remove_on_match": {"key_matcher": {"prefix": names.HEADER_PREFIX, "ignore_case": True}}},
    ]
    if own.user_header:
        mutations.append({"append": header(names.USER, f"%REQ({own.user_header})%")})
    return {
        "use_remote_address": True,
        "xff_num_trusted_hops": own.hops,
        # No address is "internal": what Envoy believes of internal callers (their request ids, its
        # own x-envoy headers) it would believe of every process on this machine.
        "internal_address_config": {
            "cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]
        },
        "early_header_mutation_extensions": [
            extension(
                "matapalo.strip",
                "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
                mutations=mutations,
            )
        ],
    }


def _paths() -> Json:
    """One path has one spelling, before any rule reads it."""
    return {
        "normalize_path": True,
        "merge_slashes": True,
        # The caller is sent to the plain spelling, so that edge and server mean the same path.
        "path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT",
    }


def _limits(limits: Limits) -> Json:
    return {
        "max_request_headers_kb": limits.header_kib,
        "request_timeout": seconds(limits.request),
        "stream_idle_timeout": seconds(limits.idle),
        "common_http_protocol_options": {
            "idle_timeout": seconds(limits.idle),
            # x_matapalo_user would be x-matapalo-user to a WSGI or CGI server.
            "headers_with_underscores_action": "DROP_HEADER",
        },
    }


def _filters(blueprint: Blueprint, place: Place, edge: str) -> list[Json]:
    limits = blueprint.edge.limits
    rate = [_rate(limits.rate)] if limits.rate else []
    asking = security.filters(blueprint)
    files = site.filters(blueprint.site)
    steer = steering.filters(blueprint, place, edge)
    return [*rate, _size(limits), *asking, *files, *steer, _router()]


def _rate(rate: RateLimit) -> Json:
    burst = rate.burst or 2 * rate.per_second
    everybody = {"max_tokens": 10**9, "tokens_per_fill": 10**9, "fill_interval": "1s"}
    client = {"max_tokens": burst, **_fill(rate.per_second)}
    always = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return extension(
        "envoy.filters.http.local_ratelimit",
        "extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix="edge",
        token_bucket=everybody,
        filter_enabled=always,
        filter_enforced=always,
        rate_limits=[{"actions": [{"remote_address": {}}]}],
        always_consume_default_token_bucket=False,
        descriptors=[{"entries": [{"key": "remote_address"}], "token_bucket": client}],
        max_dynamic_descriptors=CLIENTS,
        response_headers_to_add=[header("retry-after", "1")],
    )


def _fill(per_second: int) -> Json:
    """Ten times a second, where that comes out even: smooth, so that no client waits a second."""
    if per_second % 10 == 0:
        return {"tokens_per_fill": per_second // 10, "fill_interval": "0.1s"}
    return {"tokens_per_fill": per_second, "fill_interval": "1s"}


def _size(limits: Limits) -> Json:
    return extension(
        "envoy.filters.http.body_size_limit",
        "extensions.filters.http.body_size_limit.v3.BodySizeLimit",
        max_request_bytes=limits.body_kib * 1024,
    )


def _router() -> Json:
    return extension(
        "envoy.filters.http.router",
        "extensions.filters.http.router.v3.Router",
        suppress_envoy_headers=True,
    )
