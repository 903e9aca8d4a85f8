"""A tree of text with places: what a YAML file says before anybody knows what it means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matapalo.blueprint.bare import Bare
from matapalo.errors import Place

Loc = tuple[str | int, ...]
"""A path in the blueprint: `("slices", "statements", "routes", 0)`."""

Plain = dict[str, "Plain"] | list["Plain"] | str | None
"""A tree without its places."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `text` is None for null; `written` is what the file says."""

    place: Place
    text: str | None
    written: str
    quoted: bool = False

    size = 1
    depth = 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple["Node", ...]
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping, where it stands, and its value."""

    key: Place
    node: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the order of the text."""

    place: Place
    entries: dict[str, Entry]
    size: int = 1
    depth: int = 1


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Plain:
    """Return what the tree holds, without places."""
    match node:
        case Scalar():
            bare = node.text is not None and not node.quoted
            return Bare(node.text) if bare else node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(entry.node) for key, entry in node.entries.items()}


def child(node: Node, step: str | int) -> Node | None:
    """Return the node below a key or an index, if there is one."""
    if isinstance(node, Mapping) and step in node.entries:
        return node.entries[str(step)].node
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def descend(node: Node, loc: Loc) -> Node:
    """Return the node at `loc`, or the nearest one above it that exists."""
    for step in loc:
        below = child(node, step)
        if below is None:
            return node
        node = below
    return node


def place_of(node: Node, loc: Loc, *, key: bool = False) -> Place:
    """Return where `loc` stands: its value, or its key; the nearest thing above it otherwise."""
    place = node.place
    for step in loc:
        below = child(node, step)
        if below is None:
            return place
        # What is wrong with a whole part is told at its key, where a reader looks for it.
        if isinstance(node, Mapping) and (key or not isinstance(below, Scalar)):
            place = node.entries[str(step)].key
        else:
            place = below.place
        node = below
    return place


def scalars(node: Node, loc: Loc = ()) -> Iterator[tuple[Loc, Scalar]]:
    """Yield every single value with its path."""
    match node:
        case Scalar():
            yield loc, node
        case Sequence():
            for index, item in enumerate(node.items):
                yield from scalars(item, (*loc, index))
        case Mapping():
            for key, entry in node.entries.items():
                yield from scalars(entry.node, (*loc, key))


def path_text(loc: Loc) -> str:
    """Write a path as a person would: `slices.statements.routes[0].path`."""
    text = ""
    for step in loc:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text
