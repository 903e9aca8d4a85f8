"""Whether what was renamed is found again: by one name only, that means nothing else."""

from collections.abc import Iterator, Mapping

from matapalo.blueprint.begun import Renamed, lasting
from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.product import Product
from matapalo.blueprint.reading.tree import Loc

CHOOSE = "take one of them away"
OF_PRODUCTS = ("services", "functions", "stores")


def check(setting: Setting) -> Iterator[Finding]:
    """Yield former names that something else has, or had."""
    events = setting.blueprint.events
    for loc, things in lasting(setting.blueprint).items():
        # Those of one product share their names.
        if loc[-1] not in OF_PRODUCTS:
            yield from _former({loc: things})
    for name, product in setting.blueprint.products.items():
        yield from _former(_named(product, ("products", name)))
    for kind in ("topics", "queues", "rules", "schedules"):
        yield from _former({("events", kind): getattr(events, kind)})


def taken(things: Mapping[str, Renamed], noun: str) -> dict[str, str]:
    """Return who has a name, or had it, as a sentence, by name."""
    seen = {name: _now(noun, name) for name in things}
    for name, thing in things.items():
        for old in thing.formerly:
            seen.setdefault(old, _once(noun, name))
    return seen


def _named(product: Product, loc: Loc) -> dict[Loc, Mapping[str, Renamed]]:
    return {(*loc, kind): getattr(product, kind) for kind in OF_PRODUCTS}


def _former(listed: Mapping[Loc, Mapping[str, Renamed]]) -> Iterator[Finding]:
    """Look through what shares its names, by where it is listed."""
    seen = {name: _now(_noun(loc), name) for loc, things in listed.items() for name in things}
    for loc, things in listed.items():
        for name, thing in things.items():
            for index, old in enumerate(thing.formerly):
                if old in seen:
                    yield Finding((*loc, name, "formerly", index), seen[old], CHOOSE)
                seen.setdefault(old, _once(_noun(loc), name))


def _noun(loc: Loc) -> str:
    return str(loc[-1]).replace("_", " ").removesuffix("s")


def _now(noun: str, name: str) -> str:
    return f"the {noun} {name} is called so now"


def _once(noun: str, name: str) -> str:
    return f"the {noun} {name} was called so"
