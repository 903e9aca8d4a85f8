"""Reading Envoy: what it obeys and what it counted, out of its own statistics.

A request counts once, when it is over, however often it was tried; one that its caller gave up
does not count at all. Buckets hold the answers of the other side.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matapalo.edge.report import Buckets, Meter

KINDS = {
    "clusters": "cluster_manager.cds",
    "listeners": "listener_manager.lds",
    "routes": "http.edge.rds.routes",
}
"""Where Envoy counts what became of the updates of a kind."""
_SUBSCRIPTIONS = "|".join(KINDS.values()).replace(".", "\\.")
FILTER = (
    rf"^({_SUBSCRIPTIONS})\.(version_text|update_rejected|update_failure)$"
    r"|^cluster\.slice\.[^.]+\.(monolith|monolith-writes|monolith-kept|new|new-writes|shadow)"
    r"\.upstream_rq_(completed|5xx|active|time)$"
    r"|^http\.edge\.downstream_rq_active$"
)
"""Which statistics are asked for."""
FIELDS = {
    "upstream_rq_completed": "requests",
    "upstream_rq_5xx": "errors",
    "upstream_rq_active": "active",
}

KEPT = "monolith-kept"

Meters = dict[str, dict[str, Meter]]
"""By slice, then by side."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What Envoy said at one moment."""

    versions: Mapping[str, str]
    """The version that it obeys, by kind."""
    refusals: Mapping[str, int]
    """How many updates it has refused, by kind."""
    active: int
    """Requests in flight at the door."""
    meters: Meters
    kept_back: Mapping[str, int]
    """Reads that the monolith answered because their user had written, by slice."""


def read(text: str) -> Reading:
    """Read the answer of `/stats?format=json&histogram_buckets=cumulative`."""
    entries: list[dict[str, Any]] = json.loads(text)["stats"]
    values = {entry["name"]: entry["value"] for entry in entries if "name" in entry}
    histograms = [h for entry in entries for h in entry.get("histograms", ())]
    clusters = _clusters(values, histograms)
    return Reading(
        versions={kind: values.get(f"{at}.version_text", "") for kind, at in KINDS.items()},
        refusals={
            kind: values.get(f"{at}.update_rejected", 0) + values.get(f"{at}.update_failure", 0)
            for kind, at in KINDS.items()
        },
        active=values.get("http.edge.downstream_rq_active", 0),
        meters=_sides(clusters),
        kept_back={name: of[KEPT].requests for name, of in clusters.items() if KEPT in of},
    )


def _sides(clusters: Meters) -> Meters:
    """A side is all its clusters: of reads, of writes, of reads that were kept back."""
    meters: Meters = {}
    for slice_name, of in clusters.items():
        sides = meters.setdefault(slice_name, {})
        for cluster, meter in of.items():
            side = cluster.partition("-")[0]
            sides[side] = sides.get(side, Meter()).plus(meter)
    return meters


def _clusters(values: Mapping[str, Any], histograms: Iterable[Mapping[str, Any]]) -> Meters:
    fields: dict[tuple[str, str], dict[str, Any]] = {}
    for name, value in values.items():
        if name.startswith("cluster.slice."):
            _, _, slice_name, side, stat = name.split(".")
            fields.setdefault((slice_name, side), {})[FIELDS[stat]] = value
    for histogram in histograms:
        _, _, slice_name, side, _ = histogram["name"].split(".")
        fields.setdefault((slice_name, side), {})["buckets"] = _buckets(histogram["buckets"])
    meters: Meters = {}
    for (slice_name, side), found in sorted(fields.items()):
        meters.setdefault(slice_name, {})[side] = Meter(**found)
    return meters


def _buckets(found: Iterable[Mapping[str, Any]]) -> Buckets:
    """Leave out bounds that say no more than the one before: most are empty."""
    buckets: list[tuple[float, int]] = []
    last: tuple[float, int] | None = None
    for bucket in found:
        this = (float(bucket["upper_bound"]), int(bucket["cumulative"]))
        if last and this[1] != last[1]:
            # The bound before a rise is where its bucket begins.
            buckets += [last] if not buckets or buckets[-1] != last else []
            buckets.append(this)
        elif last is None and this[1]:
            buckets.append(this)
        last = this
    return tuple(buckets)
