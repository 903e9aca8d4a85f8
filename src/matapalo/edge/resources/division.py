"""The division of a slice's requests between its sides."""

from collections.abc import Iterable

from matapalo.blueprint.claims import Ground
from matapalo.edge.resources import names
from matapalo.edge.resources.copies import marked
from matapalo.edge.resources.names import Json, Side, header, side_of
from matapalo.edge.resources.scene import Scene
from matapalo.edge.resources.sticky import keys, mints
from matapalo.edge.resources.way import Way

UNREVEALED: Json = {"response_headers_to_remove": [names.SIDE]}
"""Nobody but the edge says which side answered."""


def whole(scene: Scene, ground: Ground, side: Side, cluster: str = "") -> Way:
    """Return the way of requests that all go to one side, by its own cluster or another one."""
    name = ground.owner.name
    target = names.MONOLITH if side == "monolith" else scene.blueprint.slices[name].to
    sending = scene.sending(target, safe=ground.safe)
    route = {"cluster": cluster or side_of(name, side), **sending}
    return Way({"route": route, **_revealed(scene, side)})


def divided(scene: Scene, ground: Ground, share: int, total: int, *, copied: bool) -> Iterable[Way]:
    """Return the ways of requests of which `share` of `total` go to the new side, by user."""
    name = ground.owner.name
    new = {"name": side_of(name, "new"), "weight": share, **_revealed(scene, "new")}
    old = {
        "name": side_of(name, "monolith"),
        "weight": total - share,
        **_revealed(scene, "monolith"),
        **(marked(name) if copied else {}),
    }
    # The new side first: who is there at 10 percent is there at every share above.
    weighted = {"use_hash_policy": True, "clusters": [new, old]}
    sending = scene.sending(names.MONOLITH, scene.blueprint.slices[name].to, safe=ground.safe)
    edge = scene.blueprint.edge
    route = {"weighted_clusters": weighted, "hash_policy": keys(edge), **sending}
    for mint in mints(edge):
        yield Way(
            {"route": route, "response_headers_to_add": mint.sets},
            headers=mint.headers,
            cookies=mint.cookies,
        )


def _revealed(scene: Scene, side: Side) -> Json:
    if not scene.blueprint.edge.reveal_side:
        return UNREVEALED
    return {"response_headers_to_add": [header(names.SIDE, side)]}
