"""Names that things began with, which they keep on AWS: what holds data takes no other one.

A product keeps its name in all that is rendered: the blueprint is read as if it had never been
renamed. A store and what events go through keep theirs one by one, as code is told of them by their
names now.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

from pydantic.fields import FieldInfo

from matapalo.blueprint import Blueprint
from matapalo.blueprint.part import NAMES_ANOTHER, Part
from matapalo.blueprint.targets import Target


def as_begun(blueprint: Blueprint) -> Blueprint:
    """Return the blueprint with each product under the first of its names."""
    firsts = {name: first(name, it.formerly) for name, it in blueprint.products.items()}
    if all(name == old for name, old in firsts.items()):
        return blueprint
    products = {
        firsts[name]: it.model_copy(update={"formerly": ()})
        for name, it in blueprint.products.items()
    }
    begun: Blueprint = _renamed(blueprint.model_copy(update={"products": products}), firsts)
    return begun


def _renamed(value: Any, firsts: Mapping[str, str]) -> Any:
    match value:
        case Part():
            fields = type(value).model_fields.items()
            return value.model_copy(
                update={name: _field(getattr(value, name), it, firsts) for name, it in fields}
            )
        case dict():
            return {key: _renamed(each, firsts) for key, each in value.items()}
        case tuple():
            return tuple(_renamed(each, firsts) for each in value)
        case _:
            return value


def _field(value: Any, field: FieldInfo, firsts: Mapping[str, str]) -> Any:
    if not _names_another(field):
        return _renamed(value, firsts)
    if isinstance(value, tuple):
        return tuple(_reference(each, firsts) for each in value)
    return value and _reference(value, firsts)


def _names_another(field: FieldInfo) -> bool:
    within = (getattr(each, "__metadata__", ()) for each in get_args(field.annotation))
    return NAMES_ANOTHER in field.metadata or any(NAMES_ANOTHER in each for each in within)


def _reference(name: str, firsts: Mapping[str, str]) -> str:
    product, slash, rest = name.partition("/")
    return f"{firsts.get(product, product)}/{rest}" if slash else name


def first(name: str, formerly: tuple[str, ...]) -> str:
    """Return what something was called first."""
    return (*formerly, name)[0]


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
