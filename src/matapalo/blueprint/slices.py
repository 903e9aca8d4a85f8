"""Slices: routes and tables that change owner as one."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from matapalo.blueprint.named import Reference
from matapalo.blueprint.part import Part, Percent, Seconds, Url
from matapalo.blueprint.route import Route
from matapalo.blueprint.tablename import TABLE_NAME, split_table_name


def _table_name(value: str) -> str:
    split_table_name(value)
    return value


TableName = Annotated[str, AfterValidator(_table_name)]
"""A table: `name`, or `schema.name`; `public` where no schema is given. Letters keep their case. A
part with dots, spaces or quotes is written as in SQL: `app."Daily totals"`."""


class Table(Part):
    """A table of the monolith's that the slice takes along, and how it looks on the new side.

    A table that is named twice, with another `to` each, is split in two; the first one has the rows
    that decide whether there is one.
    """

    SHORT: ClassVar[str] = TABLE_NAME

    name: TableName
    """The table in the monolith's database."""
    to: TableName | None = None
    """The table in the new store; the same name where not given."""
    columns: dict[str, str] = {}
    """Columns that are called otherwise there: the old name, and the new one."""
    only: tuple[str, ...] = ()
    """The columns that go along, besides the key; all where none is named."""
    omit: tuple[str, ...] = ()
    """Columns that stay behind."""
    cast: dict[str, str] = {}
    """Columns of another type there: the old name, and the type."""
    constant: dict[str, str] = {}
    """Columns that only the new table has, and the one value that they get."""
    where: str | None = None
    """Only rows for which this SQL condition holds; it may name columns of the table only."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """`movements` is short for `name: movements`."""
        return {"name": value} if isinstance(value, str) else value

    @property
    def target(self) -> str:
        """The table's name in the new store."""
        return self.to or self.name


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
    max_lag: Seconds = 5
    """How far the new side's tables may be behind the monolith's."""
    verified_within: Seconds = 3600
    """How old the last comparison of the tables' content may be; it has to have found no fault."""
    max_heartbeat_age: Seconds = 10
    """How old the last sign of life that came through the stream may be."""
    max_mismatch_rate: Percent = 0.1
    """How many of the answers that were compared may differ, in percent."""
    min_compared: int = Field(default=20, ge=1)
    """Answers that must have been compared while shadowing."""
    min_soak: Seconds = 0
    """How long the slice must have been where it is."""
    approval: bool = False
    """Whether a person has to say yes to every step (`matapalo approve`)."""
    hook: Url | None = None
    """Who else is asked: a URL that answers 200 for yes, 4xx for no; anything else is unclear."""


class Slice(Part):
    """Routes, tables, and the service or function that takes them over."""

    description: str = ""
    """What it is, for people."""
    to: Reference
    """Who takes it over: `product/service` or `product/function`."""
    routes: tuple[Route, ...] = ()
    """The requests that change sides."""
    tables: tuple[Table, ...] = ()
    """The monolith's tables that change sides with them."""
    store: Reference | None = None
    """The store that the tables go to; the only Aurora store that `to` uses where not given."""
    stream: Literal["matapalo", "dms"] = "matapalo"
    """What copies the tables on AWS: Matapalo's own streams, or Database Migration Service."""
    shadow: Percent = 100
    """How many of the safe reads are mirrored to the new side while shadowing."""
    compare: Percent = 10
    """How many of the monolith's safe reads are asked of both sides again, and compared."""
    ignore: tuple[str, ...] = ()
    """What may differ in a body: JSON paths such as `$.items[*].at`."""
    compare_headers: tuple[str, ...] = ("content-type",)
    """The headers that are compared."""
    show_values: bool = False
    """Whether differences are shown with their values; they may be customers' data."""
    steps: tuple[Percent, ...] = (10, 50, 100)
    """The shares of users that `advance` goes through while reading."""
    hold: Seconds = 5
    """The longest a write may wait at a switch."""
    on_breach: Literal["back", "tell"] = "back"
    """When a gate fails while users read from the new side: they go back, or it is told."""
    gates: Gates = Gates()
