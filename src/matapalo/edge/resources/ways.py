"""Ways: where a request goes once it may.

a slice's reads    split by user, perhaps with copies        (division, copies)
a slice's writes   one side, all of them: their owner of now  (steering)
the site           a file of the bucket                       (site)
what is closed     nowhere: 404
anything else      its own cluster
"""

from collections.abc import Iterable
from dataclasses import replace

from matapalo.blueprint.claims import Ground
from matapalo.edge.resources import names
from matapalo.edge.resources.copies import copied
from matapalo.edge.resources.division import UNREVEALED, divided, whole
from matapalo.edge.resources.names import Side, cluster_of, kept_of, writes_of
from matapalo.edge.resources.scene import Scene
from matapalo.edge.resources.site import files
from matapalo.edge.resources.steering import UNSTEERED, steered, to
from matapalo.edge.resources.way import Way
from matapalo.edge.split import Split, Wanted

TOTAL = 10_000
"""A share has two digits after its percent's point."""


def ways(scene: Scene, wanted: Wanted, ground: Ground) -> Iterable[Way]:
    """Return the ways of an owner's requests in the order in which they are tried."""
    if ground.owner.kind == "slice":
        split = wanted.split(ground.owner.name)
        return _reads(scene, ground, split) if ground.safe else _writes(scene, ground)
    if ground.owner.kind == "site" and scene.blueprint.site:
        return files(scene.blueprint.site, scene.site_prefix)
    if ground.owner.kind == "nobody":
        return [Way({"direct_response": {"status": 404}})]
    cluster = cluster_of(ground.owner)
    sending = scene.sending(cluster, safe=ground.safe)
    return [Way({"route": {"cluster": cluster, **sending}, **UNREVEALED})]


def _writes(scene: Scene, ground: Ground) -> Iterable[Way]:
    name = ground.owner.name
    ways: list[Way] = [
        _steered_to(side, whole(scene, ground, side, writes_of(name, side)))
        for side in ("monolith", "new")
    ]
    return [replace(way, filters=steered(name, safe=False)) for way in (*ways, Way(UNSTEERED))]


def _reads(scene: Scene, ground: Ground, split: Split) -> Iterable[Way]:
    if not (split.reads_follow or (split.reads_new and split.read_own_writes)):
        return _shared(scene, ground, split)
    name = ground.owner.name
    kept = _steered_to("monolith", whole(scene, ground, "monolith", kept_of(name)))
    new = _steered_to("new", whole(scene, ground, "new"))
    ways = (kept, new, *_shared(scene, ground, split))
    return [replace(way, filters=steered(name, safe=True)) for way in ways]


def _steered_to(owner: Side, way: Way) -> Way:
    does = {**way.does, "request_headers_to_remove": [names.OWNER]}
    return replace(way, does=does, headers=to(owner))


def _shared(scene: Scene, ground: Ground, split: Split) -> Iterable[Way]:
    share = round(split.reads_new * 100)
    if share == TOTAL:
        yield whole(scene, ground, "new")
    elif share:
        copies = bool(split.mirror or split.compare)
        for way in divided(scene, ground, share, TOTAL, copied=copies):
            yield from copied(way, ground.owner.name, split)
    else:
        yield from copied(whole(scene, ground, "monolith"), ground.owner.name, split)
