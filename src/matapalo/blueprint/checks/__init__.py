"""What the parts of a blueprint have to be to each other.

    Blueprint, environment ─▶ check, check, check … ─▶ findings (path, what is wrong, what is right)
                    └─ as begun ─▶ the same checks, where nothing else is wrong

One module a subject, each with a `check` that takes the setting and yields findings. They look at
values only; whether a folder exists is asked by the loader, of what `files` lists.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import replace

from matapalo.blueprint.begun import as_begun, as_written
from matapalo.blueprint.checks import (
    door,
    environment,
    events,
    former,
    names,
    network,
    organization,
    routes,
    running,
    secrets,
    slices,
    stores,
    uses,
)
from matapalo.blueprint.checks.files import Listed, files
from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.targets import Targets

CHECKS: tuple[Callable[[Setting], Iterator[Finding]], ...] = (
    running.check,
    environment.check,
    names.check,
    former.check,
    uses.check,
    routes.check,
    slices.check,
    door.check,
    secrets.check,
    stores.check,
    events.check,
    network.check,
    organization.check,
)

ON_AWS = "by the names that things have on AWS"

__all__ = ["CHECKS", "Finding", "Listed", "Setting", "check", "files"]


def check(setting: Setting) -> Iterator[Finding]:
    """Yield everything that is wrong, and everything that deserves a second look."""
    found = [finding for each in CHECKS for finding in each(setting)]
    yield from found
    if all(finding.warning for finding in found):
        yield from _on_aws(setting, {finding.loc for finding in found})


def _on_aws(setting: Setting, told: Set[Loc]) -> Iterator[Finding]:
    """Yield what is wrong there only, where things are called as they were first."""
    begun = as_begun(setting.blueprint)
    if begun is setting.blueprint:
        return
    there = Setting(begun, setting.environment, Targets(begun))
    for each in CHECKS:
        for finding in each(there):
            loc = as_written(setting.blueprint, finding.loc)
            if loc not in told:
                yield replace(finding, loc=loc, what=f"{finding.what}, {ON_AWS}")
