"""Whom a name means, where one part of the blueprint names another."""

from dataclasses import dataclass
from typing import Literal

from matapalo.blueprint.root import Blueprint

Kind = Literal[
    "monolith", "service", "function", "store", "topic", "queue", "bus", "system"
]  # fmt: skip


@dataclass(frozen=True, order=True, slots=True)
class Target:
    """Something that can be named. `name` is its full name: `product/name`, or its only one."""

    kind: Kind
    name: str


class Targets:
    """Everything in a blueprint that can be named by `uses`, by a slice, or by an event."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.services = blueprint.services()
        self.functions = blueprint.functions()
        self.stores = blueprint.stores()
        self._by_name = {target.name: target for target in self._all(blueprint)}

    def find(self, name: str, product: str | None = None) -> Target | None:
        """Return what `name` means. Within a product, its own things need no `product/`."""
        own = self._by_name.get(f"{product}/{name}") if product else None
        return own or self._by_name.get(name)

    def names(self, *kinds: Kind) -> list[str]:
        """Return the names of everything of these kinds; of everything where none is given."""
        return [t.name for t in self._by_name.values() if not kinds or t.kind in kinds]

    def _all(self, blueprint: Blueprint) -> list[Target]:
        events = blueprint.events
        return [
            Target("monolith", "monolith"),
            Target("bus", "bus"),
            *(Target("service", name) for name in self.services),
            *(Target("function", name) for name in self.functions),
            *(Target("store", name) for name in self.stores),
            *(Target("topic", name) for name in events.topics),
            *(Target("queue", name) for name in events.queues),
            *(Target("system", name) for name in blueprint.network.restrictions),
        ]
