"""Whether what is named exists, and what is told to a process cannot be mistaken."""

import re
from collections.abc import Iterator, Mapping

from matapalo.blueprint.begun import Renamed
from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.reading.tree import Loc

LAMBDA_OWN = re.compile(
    r"AWS_(LAMBDA_.*|REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|_HANDLER"
)


def check(setting: Setting) -> Iterator[Finding]:
    """Yield uses that lead nowhere, and environments that cannot be given."""
    for product, part in setting.blueprint.products.items():
        for name, service in part.services.items():
            loc: Loc = ("products", product, "services", name)
            yield from _uses(setting, service.uses, loc, product, name)
            yield from _environment(service.env, (*loc, "env"))
            yield from _environment(service.run.env if service.run else {}, (*loc, "run", "env"))
        for name, function in part.functions.items():
            loc = ("products", product, "functions", name)
            yield from _uses(setting, function.uses, loc, product, name)
            yield from _environment(function.env, (*loc, "env"), in_lambda=True)
    yield from _monolith(setting)


def variable(use: str) -> str:
    """Return the environment variable that tells where something is: `pay/limits`, `LIMITS_URL`."""
    return use.rpartition("/")[2].replace("-", "_").upper() + "_URL"


def _uses(
    setting: Setting, uses: tuple[str, ...], loc: Loc, product: str, name: str
) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for index, use in enumerate(uses):
        here: Loc = (*loc, "uses", index)
        target = setting.targets.find(use, product)
        if target is None:
            yield Finding(here, f"nothing is called `{use}`", _hint(setting, use, product))
        elif target.name == use and (own := _once(setting, product).get(use)):
            what = f"`{own}` was called `{use}` first, and would be meant on AWS"
            yield Finding(here, what, f"call the {target.kind} otherwise")
        elif target.name == f"{product}/{name}":
            yield Finding(here, "it uses itself", "take it away")
        elif variable(use) in seen:
            what = f"`{use}` and `{seen[variable(use)]}` would both be told as {variable(use)}"
            yield Finding(here, what, "rename one of them")
        seen.setdefault(variable(use), use)


def _once(setting: Setting, product: str) -> dict[str, str]:
    """Return a product's services and functions by the first names of those that were renamed."""
    part = setting.blueprint.products[product]
    things: list[tuple[str, Renamed]] = [*part.services.items(), *part.functions.items()]
    return {it.formerly[0]: name for name, it in things if it.formerly}


def _hint(setting: Setting, use: str, product: str) -> str:
    names = setting.targets.names()
    own = [name.removeprefix(f"{product}/") for name in names]
    return nearest(use, own, noun="there are")


def _environment(
    env: Mapping[str, object], loc: Loc, *, in_lambda: bool = False
) -> Iterator[Finding]:
    for key in env:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
            hint = "letters, digits and underscores, no digit first"
            yield Finding((*loc, key), f"`{key}` is no environment variable", hint, on_key=True)
        elif in_lambda and LAMBDA_OWN.fullmatch(key):
            yield Finding((*loc, key), f"Lambda sets {key} itself", "take it away", on_key=True)
        elif key == "PORT":
            what = "Matapalo tells a process by PORT where to listen"
            yield Finding((*loc, key), what, "take it away, or name another variable", on_key=True)


def _monolith(setting: Setting) -> Iterator[Finding]:
    monolith = setting.blueprint.monolith
    if monolith.run:
        yield from _environment(monolith.run.env, ("monolith", "run", "env"))
    systems = setting.targets.names("system")
    for index, use in enumerate(monolith.uses):
        if use not in systems:
            hint = nearest(use, systems, noun="in network.restrictions")
            yield unknown(("monolith", "uses", index), "system outside", use, hint)
