"""Overlays: what is different in one environment.

Mappings merge, everything else is replaced, and `null` takes a key away; a part of another `kind`
replaces the whole part. What an overlay brings
keeps its own place, so that a mistake in it is reported there.
"""

from matapalo.blueprint.reading.tree import Entry, Mapping, Node, Scalar, child


def merged(base: Node, over: Node) -> Node:
    """Return `base` with `over` laid upon it."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    if _other_kind(base, over):
        return over
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        if isinstance(entry.node, Scalar) and entry.node.text is None:
            entries.pop(key, None)
        elif key in entries:
            below = merged(entries[key].node, entry.node)
            entries[key] = Entry(entry.key if below is entry.node else entries[key].key, below)
        else:
            entries[key] = entry
    return Mapping(base.place, entries)


def _other_kind(base: Mapping, over: Mapping) -> bool:
    """Whether `over` is a part of another kind, to which the keys of `base` mean nothing."""
    kinds = [child(node, "kind") for node in (base, over)]
    texts = {kind.text for kind in kinds if isinstance(kind, Scalar)}
    return len(texts) > 1


def take_overlays(tree: Mapping) -> tuple[Mapping, dict[str, Node]]:
    """Return the tree without the overlays of its environments, and the overlays by environment."""
    environments = tree.entries.get("environments")
    if environments is None or not isinstance(environments.node, Mapping):
        return tree, {}
    overlays: dict[str, Node] = {}
    rest: dict[str, Entry] = {}
    for name, entry in environments.node.entries.items():
        rest[name] = entry
        if isinstance(entry.node, Mapping) and "overlay" in entry.node.entries:
            fields = dict(entry.node.entries)
            overlays[name] = fields.pop("overlay").node
            rest[name] = Entry(entry.key, Mapping(entry.node.place, fields))
    without = Entry(environments.key, Mapping(environments.node.place, rest))
    return Mapping(tree.place, tree.entries | {"environments": without}), overlays
