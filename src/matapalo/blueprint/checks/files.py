"""Which files and folders the blueprint names, and what each of them has to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from matapalo.blueprint.checks.finding import Setting
from matapalo.blueprint.product import Function, Service
from matapalo.blueprint.reading.tree import Loc


@dataclass(frozen=True)
class Listed:
    """A path relative to the blueprint; `any_of` are paths of which one has to be there."""

    loc: Loc
    any_of: tuple[str, ...]
    kind: Literal["folder", "file"]


def files(setting: Setting) -> Iterator[Listed]:
    """Yield what has to be on disk to run the system here, or to build it for an environment."""
    blueprint = setting.blueprint
    monolith = blueprint.monolith
    if setting.local and monolith.run:
        yield Listed(("monolith", "run", "folder"), (monolith.run.folder,), "folder")
    for product, part in blueprint.products.items():
        for name, service in part.services.items():
            yield from _service(setting, service, ("products", product, "services", name))
        for name, function in part.functions.items():
            yield from _function(function, ("products", product, "functions", name))
    if blueprint.site and (setting.local or not blueprint.site.build):
        site = blueprint.site
        yield Listed(("site", "folder"), (site.folder,), "folder")
        yield Listed(("site", "index"), (f"{site.folder}/{site.index}",), "file")
    yield from _policies(setting)


def _service(setting: Setting, service: Service, loc: Loc) -> Iterator[Listed]:
    if setting.local and service.run:
        yield Listed((*loc, "run", "folder"), (service.run.folder,), "folder")
    if service.code is not None:
        yield Listed((*loc, "code"), (f"{service.code}/Dockerfile",), "file")


def _function(function: Function, loc: Loc) -> Iterator[Listed]:
    module = function.handler.rpartition(".")[0].replace(".", "/")
    base = f"{function.code}/{module}"
    yield Listed((*loc, "code"), (function.code,), "folder")
    yield Listed((*loc, "handler"), (f"{base}.py", f"{base}/__init__.py"), "file")


def _policies(setting: Setting) -> Iterator[Listed]:
    organization = setting.blueprint.organization
    sign_on = organization.sign_on if organization else None
    for name, permission_set in (sign_on.permission_sets if sign_on else {}).items():
        if permission_set.policy_file is not None:
            loc: Loc = ("organization", "sign_on", "permission_sets", name, "policy_file")
            yield Listed(loc, (permission_set.policy_file,), "file")
