"""The roots: one module each, with a pure function that returns its files.

A root of an environment is `render(system, scene) -> Tree`, one that all share `render(system) ->
Tree`. To add one, write `roots/<name>.py` and name its function here. `cloud/root.py` makes the
files that every root has.
"""

from collections.abc import Callable

from matapalo.cloud.roots import (
    access,
    bootstrap,
    delivery,
    directory,
    door,
    events,
    migration,
    network,
    organization,
    platform,
    product,
)
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

SHARED: tuple[Callable[[System], Tree], ...] = (
    bootstrap.render,
    organization.render,
    directory.render,
)

EACH: tuple[Callable[[System, Scene], Tree], ...] = (
    access.render,
    network.render,
    platform.render,
    product.render,
    events.render,
    migration.render,
    door.render,
    delivery.render,
)

__all__ = ["EACH", "SHARED"]
