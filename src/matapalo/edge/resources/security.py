"""Filters that ask who the caller is, before a request goes on.

signed tokens          jwt_authn: Envoy checks them itself against the published key set
opaque tokens, cookies memory ─▶ ext_authz: the authorizer is asked once a credential, and
                       its answer remembered inside Envoy for as long as it says
"""

import json
import re
from importlib.resources import files

from matapalo.blueprint import Blueprint, Introspection, Jwt, Security, Session
from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, extension, seconds

JWT = "envoy.filters.http.jwt_authn"
ASK = "envoy.filters.http.ext_authz"
MEMORY = "matapalo.memory"
CLOCK_SKEW = 60
"""Seconds that the clock of whoever signs tokens may be off."""
TTL = "x-matapalo-ttl"
"""Seconds for which the authorizer's answer may be used again; it goes no further than Envoy."""
PASSED_ON = (names.USER, names.SCOPES)


def asking(security: Security) -> tuple[str, ...]:
    """Return the names of the filters that ask."""
    return (JWT,) if isinstance(security.login, Jwt) else (MEMORY, ASK)


def filters(blueprint: Blueprint) -> list[Json]:
    """Return the filters that ask, in their order; they hold for every route that does not
    leave them out."""
    if blueprint.security is None:
        return []
    login = blueprint.security.login
    if isinstance(login, Jwt):
        return [_signed(login)]
    return [_memory(login), _ask(login)]


def _signed(login: Jwt) -> Json:
    provider: Json = {
        "issuer": login.issuer,
        "audiences": sorted(login.audiences),
        "require_expiration": True,
        "clock_skew_seconds": CLOCK_SKEW,
        "forward": True,
        "from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}],
        "claim_to_headers": [{"header_name": names.USER, "claim_name": login.user_claim}],
        # The user is known only now: the side is chosen again.
        "clear_route_cache": True,
        "jwt_cache_config": {"jwt_cache_size": 1000},
        "remote_jwks": {
            "http_uri": {
                "uri": login.jwks or f"http://{names.MONOLITH}{login.path}",
                "cluster": names.KEYS if login.jwks else names.MONOLITH,
                "timeout": seconds(login.timeout),
            },
            "cache_duration": seconds(login.cache),
            "async_fetch": {"fast_listener": True, "failed_refetch_duration": "1s"},
        },
    }
    return extension(
        JWT,
        "extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        providers={"login": provider},
        rules=[{"match": {"prefix": "/"}, "requires": {"provider_name": "login"}}],
    )


def _memory(login: Introspection | Session) -> Json:
    cookie = login.cookie if isinstance(login, Session) else ""
    pattern = re.sub(r"([^A-Za-z0-9_])", r"%\1", cookie)
    source = files("matapalo.edge.resources").joinpath("memory.lua").read_text()
    return extension(
        MEMORY,
        "extensions.filters.http.lua.v3.Lua",
        default_source_code={"inline_string": f"local COOKIE = {json.dumps(pattern)}\n{source}"},
    )


def _ask(login: Introspection | Session) -> Json:
    return extension(
        ASK,
        "extensions.filters.http.ext_authz.v3.ExtAuthz",
        transport_api_version="V3",
        http_service={
            "server_uri": {
                "uri": f"http://{names.AUTHORIZER}",
                "cluster": names.AUTHORIZER,
                # The authorizer keeps the time; this one is for an authorizer that hangs.
                "timeout": seconds(login.timeout + 1),
            },
            "path_prefix": "/check",
            "authorization_response": {
                "allowed_upstream_headers": _exactly(PASSED_ON),
                "allowed_client_headers": _exactly(("www-authenticate", "retry-after")),
                "dynamic_metadata_from_headers": _exactly((*PASSED_ON, TTL)),
            },
            "retry_policy": {
                "retry_on": "connect-failure,refused-stream,reset",
                "num_retries": 4,
                "retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"},
            },
        },
        allowed_headers=_exactly(("authorization", "cookie")),
        failure_mode_allow=False,
        status_on_error={"code": "ServiceUnavailable"},
        clear_route_cache=True,
        filter_enabled_metadata={
            "filter": MEMORY,
            "path": [{"key": "known"}],
            "value": {"bool_match": True},
            "invert": True,
        },
    )


def _exactly(headers: tuple[str, ...]) -> Json:
    return {"patterns": [{"exact": header} for header in headers]}
