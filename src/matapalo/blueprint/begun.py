"""The blueprint by the names that things began with.

    as written ─as_begun─▶ everything called by the first of its names ─as_written─▶ its path here

On AWS a thing keeps the name that it was made with. Read so, a blueprint in which something was
renamed (`formerly`) is, letter for letter, the one from before. Stores and what events go through
stay as they are here, as code is told of them by their names now: `cloud` keeps theirs one by one.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, get_args

from matapalo.blueprint.named import Of
from matapalo.blueprint.organization import Organization
from matapalo.blueprint.part import Part
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.slices import Slice
from matapalo.blueprint.targets import Targets


class Renamed(Protocol):
    """What may have been called otherwise."""

    @property
    def formerly(self) -> tuple[str, ...]:
        """Its former names, the oldest first."""


def first(name: str, formerly: tuple[str, ...]) -> str:
    """Return what something was called first."""
    return (*formerly, name)[0]


def lasting(blueprint: Blueprint) -> dict[Loc, Mapping[str, Renamed]]:
    """Return what is called on AWS by the first of its names, by where it is listed."""
    organization = blueprint.organization or Organization()
    sign_on = organization.sign_on
    found: dict[Loc, Mapping[str, Renamed]] = {
        ("organization", "units"): organization.units,
        ("organization", "accounts"): organization.accounts,
        ("organization", "sign_on", "permission_sets"): sign_on.permission_sets if sign_on else {},
        ("network", "links"): blueprint.network.links,
        ("products",): blueprint.products,
        ("secrets",): blueprint.secrets,
        ("keys", "keys"): blueprint.keys.keys,
    }
    for name, product in blueprint.products.items():
        found["products", name, "services"] = product.services
        found["products", name, "functions"] = product.functions
    return found


def as_begun(blueprint: Blueprint) -> Blueprint:
    """Return the blueprint with everything that lasts under the first of its names."""
    if not any(it.formerly for things in lasting(blueprint).values() for it in things.values()):
        return blueprint
    begun: Blueprint = _Begun(blueprint).part(blueprint, (), "")
    return begun


def as_written(blueprint: Blueprint, loc: Loc) -> Loc:
    """Return where that is written which `as_begun` has at `loc`."""
    listed, here = lasting(blueprint), loc[:0]
    for step in loc:
        things = listed.get(here, {})
        now = (name for name, it in things.items() if first(name, it.formerly) == step)
        here = (*here, next(now, step))
    return here


class _Begun:
    """Everything's first name, by where it is listed and its name now."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.firsts = {
            path: {name: first(name, it.formerly) for name, it in things.items()}
            for path, things in lasting(blueprint).items()
        }
        self.targets = Targets(blueprint)

    def part(self, it: Part, path: Loc, product: str) -> Any:
        """Return a part as it was called; within `product`, own things need no `product/`."""
        product = it.to.partition("/")[0] if isinstance(it, Slice) else product
        marks = _marks(type(it))
        update = {
            name: self._value(getattr(it, name), marks.get(name), (*path, name), product)
            for name in type(it).model_fields
        }
        if path[:-1] in self.firsts:
            update["formerly"] = ()
        return it.model_copy(update=update)

    def _value(self, value: Any, mark: Of | None, path: Loc, product: str) -> Any:
        match value:
            case Part():
                return self.part(value, path, product)
            case dict():
                firsts = self.firsts.get(path, {})
                return {
                    firsts.get(name, name): self._value(
                        it, mark, (*path, name), name if path == ("products",) else product
                    )
                    for name, it in value.items()
                }
            case tuple():
                return tuple(self._value(it, mark, path, product) for it in value)
            case str() if mark:
                return self._name(value, mark, product)
            case _:
                return value

    def _name(self, name: str, mark: Of, product: str) -> str:
        if mark.path:
            return self.firsts[mark.path].get(name, name)
        target = self.targets.find(name, product)
        home, slash, own = (target.name if target else name).partition("/")
        if not slash:
            return name
        kinds = (self.firsts.get(("products", home, it), {}) for it in ("services", "functions"))
        own = next((firsts[own] for firsts in kinds if own in firsts), own)
        home = self.firsts["products",].get(home, home)
        return f"{home}/{own}" if "/" in name else own


@cache
def _marks(kind: type[Part]) -> dict[str, Of]:
    """Return which fields of a part name something else, and where that is listed."""
    found: dict[str, Of] = {}
    for name, field in kind.model_fields.items():
        within = (getattr(each, "__metadata__", ()) for each in get_args(field.annotation))
        said = [*field.metadata, *(each for metadata in within for each in metadata)]
        found.update((name, each) for each in said if isinstance(each, Of))
    return found
