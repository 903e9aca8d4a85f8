"""Names that things began with. A store, or its product, may be called otherwise now: on AWS it has
its first name still, as nothing that holds data takes another one."""

from collections.abc import Iterator
from itertools import pairwise

from matapalo.blueprint import Blueprint
from matapalo.blueprint.targets import Target


def first(name: str, formerly: tuple[str, ...]) -> str:
    """Return what something was called first."""
    return (*formerly, name)[0]


def renamings(name: str, formerly: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what it was called, and what next, down to its name now."""
    return pairwise((*formerly, name))


def first_product(blueprint: Blueprint, name: str) -> str:
    """Return what a product was called first."""
    return first(name, blueprint.products[name].formerly)


def first_store(blueprint: Blueprint, full: str) -> str:
    """Return what a store (`product/store`) was called first, below its product's first name."""
    product, name = full.split("/")
    store = blueprint.products[product].stores.get(name)
    former = store.formerly if store else ()
    return f"{first_product(blueprint, product)}/{first(name, former)}"


def first_target(blueprint: Blueprint, target: Target) -> str:
    """Return what something was called first that can be told something."""
    match target.kind:
        case "topic":
            return first(target.name, blueprint.events.topics[target.name].formerly)
        case "queue":
            return first(target.name, blueprint.events.queues[target.name].formerly)
        case _:
            product, _, name = target.name.partition("/")
            return f"{first_product(blueprint, product)}/{name}"


def product_root(blueprint: Blueprint, name: str) -> str:
    """Return where a product's root lies in its environment: it keeps its state when renamed."""
    return f"products/{first_product(blueprint, name)}"
