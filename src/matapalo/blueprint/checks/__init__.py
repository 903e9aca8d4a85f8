"""What the parts of a blueprint have to be to each other.

    Blueprint, environment ─▶ check, check, check … ─▶ findings (path, what is wrong, what is right)

One module a subject, each with a `check` that takes the setting and yields findings. They look at
values only; whether a folder exists is asked by the loader, of what `files` lists.
"""

from collections.abc import Callable, Iterator

from matapalo.blueprint.checks import (
    door,
    environment,
    events,
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

CHECKS: tuple[Callable[[Setting], Iterator[Finding]], ...] = (
    running.check,
    environment.check,
    names.check,
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

__all__ = ["CHECKS", "Finding", "Listed", "Setting", "check", "files"]


def check(setting: Setting) -> Iterator[Finding]:
    """Yield everything that is wrong, and everything that deserves a second look."""
    for each in CHECKS:
        yield from each(setting)
