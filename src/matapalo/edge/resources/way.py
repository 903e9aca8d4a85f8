"""A way: conditions, and what a route that meets them does."""

from dataclasses import dataclass, field

from matapalo.edge.resources.names import Json


@dataclass(frozen=True, slots=True)
class Way:
    """Conditions, and what a route that meets them does."""

    does: Json
    match: Json = field(default_factory=dict)
    headers: tuple[Json, ...] = ()
    cookies: tuple[Json, ...] = ()
    filters: Json = field(default_factory=dict)
