"""Copies of a sample of the monolith's safe requests, to the new side; nobody waits for them."""

from collections.abc import Iterable
from dataclasses import replace

from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, header, side_of
from matapalo.edge.resources.way import Way


def copied(way: Way, name: str, percent: float) -> Iterable[Way]:
    """Put before a way one that also sends copies, for a sample of its requests."""
    sample = round(percent * 100)
    if sample:
        route = {**way.does["route"], "request_mirror_policies": [_policy(way, name)]}
        yield replace(
            way,
            match={"runtime_fraction": _fraction(sample)},
            does={**way.does, "route": route},
        )
    yield way


def marked(name: str) -> Json:
    """Return what marks, among divided requests, those of the monolith's share."""
    return {"request_headers_to_add": [header(names.MIRROR, side_of(name, "shadow"))]}


def _policy(way: Way, name: str) -> Json:
    """A mirror knows nothing of weights: among them, the mark says whether there is a copy."""
    divided = "weighted_clusters" in way.does["route"]
    target = {"cluster_header": names.MIRROR} if divided else {"cluster": side_of(name, "shadow")}
    return {
        **target,
        "disable_shadow_host_suffix_append": True,
        "request_headers_mutations": [
            {"remove": names.MIRROR},
            {"append": header(names.SHADOW, "1")},
        ],
    }


def _fraction(sample: int) -> Json:
    return {"default_value": {"numerator": sample, "denominator": "TEN_THOUSAND"}}
