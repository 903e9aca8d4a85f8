"""What Envoy is told: the same for the same values, and only what moved moves."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from matapalo.edge import Endpoint, Endpoints, Split, Wanted
from matapalo.edge.reading import read
from matapalo.edge.resources import Place, Resources, render
from matapalo.edge.resources.bootstrap import bounds
from tests.edge.world import a_blueprint

PLACE = Place(
    port=8080,
    folder=Path("/edge"),
    admin=Path("/edge/admin.sock"),
    clock=Path("/edge/clock.sock"),
    trust="/etc/ssl/cert.pem",
)
HERE = Endpoint(host="127.0.0.1", port=9000)


def parts(names: list[str]) -> dict[str, Any]:
    return {
        "products": {"p": {"services": {name: {"url": "http://x"} for name in names}}},
        "slices": {name: {"to": f"p/{name}", "routes": [f"/{name}"]} for name in names},
    }


def rendered(
    names: list[str], wanted: Wanted | None = None, endpoints: Endpoints | None = None
) -> Resources:
    at = endpoints or Endpoints(at={"monolith": (HERE,)})
    return render(a_blueprint(**parts(names)), at, wanted or Wanted(), PLACE)


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_the_blueprint_changes_nothing(names: list[str]) -> None:
    assert rendered(names) == rendered(sorted(names))


def test_a_step_moves_the_routes_alone() -> None:
    before = rendered(["a"])
    after = rendered(["a"], Wanted(version=1, splits={"a": Split(reads_new=10, mirror=5)}))
    assert before.routes != after.routes
    assert (before.bootstrap, before.listeners) == (after.bootstrap, after.listeners)
    assert before.clusters == after.clusters


def test_a_move_of_a_service_moves_the_clusters_alone() -> None:
    before = rendered(["a"])
    after = rendered(["a"], endpoints=Endpoints(at={"monolith": (HERE,), "p/a": (HERE,)}))
    assert before.clusters != after.clusters
    assert (before.routes, before.listeners) == (after.routes, after.listeners)


def test_a_slice_that_the_blueprint_does_not_know_is_nobody_s_business() -> None:
    assert rendered(["a"]) == rendered(["a"], Wanted(version=1, splits={"z": Split(reads_new=9)}))


def test_every_cluster_that_a_route_names_is_there() -> None:
    own = Split(reads_new=10, read_own_writes=True, mirror=5, compare=5)
    splits = {"a": own, "b": Split(mirror=5), "c": Split(writes_new=True)}
    resources = rendered(["a", "b", "c"], Wanted(version=1, splits=splits))
    known = {cluster["name"] for cluster in json.loads(resources.clusters.content)["resources"]}
    assert set(named(json.loads(resources.routes.content))) <= known


def named(value: Any) -> list[str]:
    """Find every cluster that is named."""
    if isinstance(value, list):
        return [name for item in value for name in named(item)]
    if not isinstance(value, dict):
        return []
    found = [value["cluster"]] if isinstance(value.get("cluster"), str) else []
    found += [value["name"]] if "weight" in value else []
    return found + [name for item in value.values() for name in named(item)]


def test_a_server_behind_tls_must_prove_its_name_and_is_called_by_it() -> None:
    far = Endpoint.from_url("https://legacy.wallet.test/")
    resources = rendered(["a"], endpoints=Endpoints(at={"monolith": (far,)}))
    clusters = {c["name"]: c for c in json.loads(resources.clusters.content)["resources"]}
    tls = clusters["monolith"]["transport_socket"]["typed_config"]
    assert tls["sni"] == "legacy.wallet.test"
    validation = tls["common_tls_context"]["validation_context"]
    assert validation["trusted_ca"] == {"filename": "/etc/ssl/cert.pem"}
    assert validation["match_typed_subject_alt_names"][0]["matcher"]["exact"] == far.host
    assert clusters["monolith"]["type"] == "STRICT_DNS"
    assert '"auto_host_rewrite":true' in resources.routes.content


def test_buckets_are_never_more_than_a_tenth_apart() -> None:
    found = bounds()
    assert (found[0], found[-2] >= 60_000) == (0.5, True)
    assert all(high / low < 1.11 for low, high in pairwise(found[:-1]))


STATS = {
    "stats": [
        {"name": "http.edge.rds.routes.version_text", "value": "v1"},
        {"name": "http.edge.rds.routes.update_rejected", "value": 2},
        {"name": "http.edge.rds.routes.update_failure", "value": 1},
        {"name": "cluster.slice.a.new.upstream_rq_completed", "value": 10},
        {"name": "cluster.slice.a.new.upstream_rq_5xx", "value": 3},
        {"name": "cluster.slice.a.shadow.upstream_rq_active", "value": 4},
        {
            "histograms": [
                {
                    "name": "cluster.slice.a.new.upstream_rq_time",
                    "buckets": [
                        {"upper_bound": bound, "interval": 0, "cumulative": count}
                        for bound, count in ((1, 0), (2, 0), (3, 4), (4, 4), (5, 4), (6, 10))
                    ],
                }
            ]
        },
    ]
}


def test_a_reading_holds_what_envoy_said() -> None:
    reading = read(json.dumps(STATS))
    assert reading.versions == {"clusters": "", "listeners": "", "routes": "v1"}
    assert reading.refusals == {"clusters": 0, "listeners": 0, "routes": 3}
    new, shadow = reading.meters["a"]["new"], reading.meters["a"]["shadow"]
    assert (new.requests, new.errors, new.active, shadow.active) == (10, 3, 0, 4)
    assert new.buckets == ((2, 0), (3, 4), (5, 4), (6, 10))
    assert new.percentile(0.4) == 3
    assert new.percentile(1) == 6
