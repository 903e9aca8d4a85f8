"""Ways: where a request goes once it may, and what happens to it on the way.

a slice's reads    split by user, perhaps with copies to the new side
a slice's writes   one side, all of them
the site           a file of the bucket
anything else      its own cluster
"""

from collections.abc import Iterable
from dataclasses import replace

from matapalo.blueprint import Blueprint
from matapalo.edge.claims import Ground
from matapalo.edge.endpoints import Endpoints
from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, cluster_of, header, seconds, side_of
from matapalo.edge.resources.site import files
from matapalo.edge.resources.sticky import keys, mints
from matapalo.edge.resources.way import READ_AGAIN, WRITE_AGAIN, Way
from matapalo.edge.split import Split, Wanted

TOTAL = 10_000
"""A share has two digits after its percent's point."""
_UNREVEALED: Json = {"response_headers_to_remove": [names.SIDE]}


def ways(
    blueprint: Blueprint, endpoints: Endpoints, wanted: Wanted, ground: Ground
) -> Iterable[Way]:
    """Return the ways of an owner's requests in the order in which they are tried."""
    if ground.owner.kind == "slice":
        return _slice(blueprint, endpoints, wanted.split(ground.owner.name), ground)
    if ground.owner.kind == "site" and blueprint.site:
        return files(blueprint.site, endpoints)
    cluster = cluster_of(ground.owner)
    sending = _sending(ground, _timeout(blueprint, cluster), endpoints, cluster)
    return [Way({"route": {"cluster": cluster, **sending}, **_UNREVEALED})]


def _slice(
    blueprint: Blueprint, endpoints: Endpoints, split: Split, ground: Ground
) -> Iterable[Way]:
    name = ground.owner.name
    share = round(split.reads_new * 100) if ground.safe else TOTAL * split.writes_new
    timeouts = _timeout(blueprint, names.MONOLITH), _timeout(blueprint, blueprint.slices[name].to)
    sending = _sending(ground, max(timeouts), endpoints, names.MONOLITH)
    if share in (0, TOTAL):
        side: names.Side = "new" if share else "monolith"
        whole = Way(
            {
                "route": {"cluster": side_of(name, side), **sending},
                **_revealed(blueprint, side),
            }
        )
        return _copied(whole, name, split) if ground.safe and not share else [whole]
    weighted: Json = {
        "weighted_clusters": {
            "use_hash_policy": True,
            # The new side first: who is there at 10 percent is there at every share above.
            "clusters": [
                {
                    "name": side_of(name, "new"),
                    "weight": share,
                    **_revealed(blueprint, "new"),
                },
                {
                    "name": side_of(name, "monolith"),
                    "weight": TOTAL - share,
                    **_revealed(blueprint, "monolith"),
                    **_marked(name, split),
                },
            ],
        },
        "hash_policy": keys(blueprint.edge),
        **sending,
    }
    ways = [
        Way(
            {"route": weighted, "response_headers_to_add": mint.cookies_set},
            headers=mint.headers,
            cookies=mint.cookies,
        )
        for mint in mints(blueprint.edge)
    ]
    return [copied for way in ways for copied in _copied(way, name, split)]


def _copied(way: Way, name: str, split: Split) -> list[Way]:
    """Put before a way, for a sample of its requests, one that also sends copies."""
    sample = round(split.mirror * 100)
    if not sample:
        return [way]
    return [
        replace(
            way,
            match={"runtime_fraction": _fraction(sample)},
            does={**way.does, "route": {**way.does["route"], **_mirror(way, name)}},
        ),
        way,
    ]


def _mirror(way: Way, name: str) -> Json:
    """A mirror knows nothing of weights: among them, the monolith's share names the cluster."""
    split = "weighted_clusters" in way.does["route"]
    target = {"cluster_header": names.MIRROR} if split else {"cluster": side_of(name, "shadow")}
    policy: Json = {
        **target,
        "disable_shadow_host_suffix_append": True,
        "request_headers_mutations": [
            {"remove": names.MIRROR},
            {"append": header(names.SHADOW, "1")},
        ],
    }
    return {"request_mirror_policies": [policy]}


def _marked(name: str, split: Split) -> Json:
    if not split.mirror:
        return {}
    return {"request_headers_to_add": [header(names.MIRROR, side_of(name, "shadow"))]}


def _revealed(blueprint: Blueprint, side: names.Side) -> Json:
    """Nobody but the edge says which side answered."""
    if not blueprint.edge.reveal_side:
        return _UNREVEALED
    return {"response_headers_to_add": [header(names.SIDE, side)]}


def _fraction(sample: int) -> Json:
    return {"default_value": {"numerator": sample, "denominator": "TEN_THOUSAND"}}


def _timeout(blueprint: Blueprint, cluster: str) -> float:
    if cluster in blueprint.services():
        return blueprint.services()[cluster].timeout
    if cluster in blueprint.functions():
        return blueprint.functions()[cluster].timeout
    return blueprint.monolith.timeout


def _sending(ground: Ground, timeout: float, endpoints: Endpoints, cluster: str) -> Json:
    again = READ_AGAIN if ground.safe else WRITE_AGAIN
    sending: Json = {"timeout": seconds(timeout), "retry_policy": again}
    if any(endpoint.tls for endpoint in endpoints.at.get(cluster, ())):
        # A server behind TLS answers to its own name; the caller's is in x-forwarded-host.
        sending |= {"auto_host_rewrite": True, "append_x_forwarded_host": True}
    return sending
