"""Names that stores began with, and what events go through: they keep them one by one.

Code is told of these by their names now, so they are read as they are written; everything else that
was renamed is read `as_begun`.
"""

from collections.abc import Iterator
from itertools import pairwise

from matapalo.blueprint import Blueprint
from matapalo.blueprint.begun import first
from matapalo.blueprint.targets import Target


def renamings(name: str, formerly: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what it was called, and what next, down to its name now."""
    return pairwise((*formerly, name))


def first_store(blueprint: Blueprint, full: str) -> str:
    """Return what a store (`product/store`) was called first."""
    product, name = full.split("/")
    store = blueprint.products[product].stores.get(name)
    return f"{product}/{first(name, store.formerly if store else ())}"


def first_target(blueprint: Blueprint, target: Target) -> str:
    """Return what something was called first that can be told something."""
    match target.kind:
        case "topic":
            return first(target.name, blueprint.events.topics[target.name].formerly)
        case "queue":
            return first(target.name, blueprint.events.queues[target.name].formerly)
        case _:
            return target.name
