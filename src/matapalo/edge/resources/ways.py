"""Ways: where a request goes once it may.

a slice's reads    split by user, perhaps with copies to the new side   (division, copies)
a slice's writes   one side, all of them
the site           a file of the bucket                                 (site)
anything else      its own cluster
"""

from collections.abc import Iterable

from matapalo.edge.claims import Ground
from matapalo.edge.resources.copies import copied
from matapalo.edge.resources.division import UNREVEALED, divided, whole
from matapalo.edge.resources.names import cluster_of
from matapalo.edge.resources.scene import Scene
from matapalo.edge.resources.site import files
from matapalo.edge.resources.way import Way
from matapalo.edge.split import Split, Wanted

TOTAL = 10_000
"""A share has two digits after its percent's point."""


def ways(scene: Scene, wanted: Wanted, ground: Ground) -> Iterable[Way]:
    """Return the ways of an owner's requests in the order in which they are tried."""
    if ground.owner.kind == "slice":
        split = wanted.split(ground.owner.name)
        return _reads(scene, ground, split) if ground.safe else _writes(scene, ground, split)
    if ground.owner.kind == "site" and scene.blueprint.site:
        return files(scene.blueprint.site, scene.site_prefix)
    cluster = cluster_of(ground.owner)
    sending = scene.sending(cluster, safe=ground.safe)
    return [Way({"route": {"cluster": cluster, **sending}, **UNREVEALED})]


def _writes(scene: Scene, ground: Ground, split: Split) -> Iterable[Way]:
    yield whole(scene, ground, "new" if split.writes_new else "monolith")


def _reads(scene: Scene, ground: Ground, split: Split) -> Iterable[Way]:
    share = round(split.reads_new * 100)
    if share == TOTAL:
        yield whole(scene, ground, "new")
    elif share:
        for way in divided(scene, ground, share, TOTAL, mirrored=bool(split.mirror)):
            yield from copied(way, ground.owner.name, split.mirror)
    else:
        yield from copied(whole(scene, ground, "monolith"), ground.owner.name, split.mirror)
