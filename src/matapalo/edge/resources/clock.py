"""The clock: a listener inside the edge that answers as late as it is asked to, or by name.

slice.lua ──"in 3 ms"──▶ clock ──200──▶      a request that waits, and blocks no worker
agent     ──"who?"─────▶ clock ──worker──▶   a worker that has done all that it had begun
"""

from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, extension, typed
from matapalo.edge.resources.place import Place

WORKER = "matapalo.worker"
WAITING = 100_000
"""Requests that wait at once in all."""
# A worker's Lua is its own, and so is the place of a table in memory.
WHO = """
local who = tostring({}):gsub("table: ", "")
function envoy_on_response(handle)
  handle:headers():replace("x-matapalo-worker", who)
end
"""


def listener(place: Place) -> Json:
    """Return the listener: a socket that only the edge's own user can open."""
    manager = typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=names.CLOCK,
        generate_request_id=False,
        route_config={"name": names.CLOCK, "virtual_hosts": [_answers()]},
        http_filters=[_late(), _who(), extension(*_ROUTER)],
    )
    return {
        "name": names.CLOCK,
        "address": _address(place),
        # Every connection goes to the worker that has the fewest: so they all can be reached.
        "connection_balance_config": {"exact_balance": {}},
        "drain_type": "MODIFY_ONLY",
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }


def cluster(place: Place) -> Json:
    """Return the cluster by which Envoy asks its own clock."""
    protocol = typed(
        "extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config={"http2_protocol_options": {"max_concurrent_streams": WAITING}},
    )
    member = {"endpoint": {"address": _address(place)}}
    kinds = ("max_connections", "max_pending_requests", "max_requests")
    return {
        "name": names.CLOCK,
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {
            "cluster_name": names.CLOCK,
            "endpoints": [{"lb_endpoints": [member]}],
        },
        "circuit_breakers": {"thresholds": [dict.fromkeys(kinds, WAITING)]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol
        },
    }


_ROUTER = ("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")


def _address(place: Place) -> Json:
    return {"pipe": {"path": str(place.clock), "mode": 0o600}}


def _answers() -> Json:
    yes = {"status": 200}
    on = {
        WORKER: typed("config.route.v3.FilterConfig", config=typed(_LUA + "PerRoute", name="who"))
    }
    return {
        "name": names.CLOCK,
        "domains": ["*"],
        "routes": [
            {
                "match": {"path": "/worker"},
                "direct_response": yes,
                "typed_per_filter_config": on,
            },
            {"match": {"prefix": "/"}, "direct_response": yes},
        ],
    }


_LUA = "extensions.filters.http.lua.v3.Lua"


def _late() -> Json:
    return extension(
        "envoy.filters.http.fault",
        "extensions.filters.http.fault.v3.HTTPFault",
        delay={
            "header_delay": {},
            "percentage": {"numerator": 100, "denominator": "HUNDRED"},
        },
    )


def _who() -> Json:
    return {
        **extension(WORKER, _LUA, source_codes={"who": {"inline_string": WHO}}),
        "disabled": True,
    }
