"""The bootstrap: what Envoy starts with, and where it finds the rest."""

from pathlib import Path

from matapalo.edge.resources.names import Json, extension
from matapalo.edge.resources.place import Place

SMALLEST, LARGEST, STEP = 0.5, 60_000.0, 1.1
"""Bounds of the latency buckets in milliseconds, and the ratio of one to the next."""
CONNECTIONS = 50_000
"""Connections at the door; more are closed at once rather than starving those there are."""


def bootstrap(name: str, place: Place) -> Json:
    """Return the bootstrap of the edge of that name."""
    return {
        "node": {"id": name, "cluster": "edge"},
        "admin": {"address": {"pipe": {"path": str(place.admin), "mode": 0o600}}},
        "dynamic_resources": {
            "cds_config": watched(place.discovery("clusters")),
            "lds_config": watched(place.discovery("listeners")),
        },
        "stats_flush_interval": "0.5s",
        "stats_config": {
            "histogram_bucket_settings": [
                {"match": {"suffix": "upstream_rq_time"}, "buckets": bounds()}
            ]
        },
        "overload_manager": {
            "resource_monitors": [
                extension(
                    "envoy.resource_monitors.global_downstream_max_connections",
                    "extensions.resource_monitors.downstream_connections.v3"
                    ".DownstreamConnectionsConfig",
                    max_active_downstream_connections=CONNECTIONS,
                )
            ]
        },
    }


def bounds() -> list[float]:
    """Return the upper bounds of the latency buckets in milliseconds, each a tenth above the last.

    The last one is beyond every time-out, so that every answer lies in some bucket.
    """
    count = 0
    found = [SMALLEST]
    while found[-1] < LARGEST:
        count += 1
        found.append(round(SMALLEST * STEP**count, 3))
    return [*found, 1e7]


def watched(path: Path) -> Json:
    """Return the source of resources in a file that is replaced by a rename."""
    return {
        "resource_api_version": "V3",
        "path_config_source": {
            "path": str(path),
            "watched_directory": {"path": str(path.parent)},
        },
    }
