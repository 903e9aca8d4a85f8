"""Slices: routes and tables that change owner as one."""

from pydantic import Field

from matapalo.blueprint.part import Part, Percent, Seconds
from matapalo.blueprint.route import Route


class Table(Part):
    """A table of the monolith's that the slice takes along."""

    name: str
    """`schema.table`; `public` where no schema is given."""


class Gates(Part):
    """What must hold before a slice goes on."""

    min_requests: int = Field(default=100, ge=1)
    """Requests that the new side must have answered since the last step."""
    max_error_rate: Percent = 1
    """Errors of the new side, in percent of its requests."""
    max_error_rate_above: Percent = 0.5
    """How many points of percent the new side's error rate may lie above the monolith's."""
    max_p99_ratio: float = Field(default=1.5, gt=0)
    """The new side's p99 latency against the monolith's."""
    p99_floor_ms: float = Field(default=50, ge=0)
    """Below this p99, in milliseconds, the new side is fast enough whatever the ratio."""


class Slice(Part):
    """Routes, tables, and the service or function that takes them over."""

    to: str
    """`product/service` or `product/function`."""
    routes: tuple[Route, ...] = ()
    tables: tuple[Table, ...] = ()
    shadow: Percent = 100
    """How many of the safe reads are mirrored to the new side while shadowing."""
    steps: tuple[Percent, ...] = (10, 50, 100)
    """The shares of users that `advance` goes through while reading."""
    hold: Seconds = 5
    """The longest a write may wait at a switch."""
    gates: Gates = Gates()
