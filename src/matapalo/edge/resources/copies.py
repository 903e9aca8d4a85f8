"""Copies of samples of the monolith's safe requests; nobody waits for them.

mirror    to the new side, so that it works as it will
compare   to the comparison, which asks both sides again and looks for differences
"""

from collections.abc import Iterable
from dataclasses import replace

from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, header, side_of
from matapalo.edge.resources.way import Way
from matapalo.edge.split import Split


def copied(way: Way, name: str, split: Split) -> Iterable[Way]:
    """Put before a way those that also send copies, each for its sample of the requests.

    Envoy draws once a request: a smaller sample lies within the larger one.
    """
    divided = "weighted_clusters" in way.does["route"]
    samples = [
        (round(split.mirror * 100), _mirrored(name, divided=divided)),
        (round(split.compare * 100), _compared(name, divided=divided)),
    ]
    for sample in sorted({sample for sample, _ in samples if sample}):
        policies = [policy for own, policy in samples if own >= sample]
        route = {**way.does["route"], "request_mirror_policies": policies}
        yield replace(
            way,
            match={"runtime_fraction": _fraction(sample)},
            does={**way.does, "route": route},
        )
    yield way


def marked(name: str) -> Json:
    """Return what marks, among divided requests, those of the monolith's share."""
    mirror = header(names.MIRROR, side_of(name, "shadow"))
    return {"request_headers_to_add": [mirror, header(names.COMPARED, names.COMPARISON)]}


def _mirrored(name: str, *, divided: bool) -> Json:
    told = header(names.SHADOW, "1")
    return _policy(names.MIRROR, side_of(name, "shadow"), told, divided=divided)


def _compared(name: str, *, divided: bool) -> Json:
    told = header(names.SLICE, name)
    return _policy(names.COMPARED, names.COMPARISON, told, divided=divided)


def _policy(mark: str, cluster: str, told: Json, *, divided: bool) -> Json:
    """A mirror knows nothing of weights: among them, the mark says whether there is a copy."""
    return {
        **({"cluster_header": mark} if divided else {"cluster": cluster}),
        "disable_shadow_host_suffix_append": True,
        "request_headers_mutations": [
            {"remove": names.MIRROR},
            {"remove": names.COMPARED},
            {"append": told},
        ],
    }


def _fraction(sample: int) -> Json:
    return {"default_value": {"numerator": sample, "denominator": "TEN_THOUSAND"}}
