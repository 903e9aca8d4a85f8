"""How one side of a flow is read to be compared: expressions that mean the same on any server.

A hash is taken of values that are equal only where their bytes are. PostgreSQL's hash of a number,
an interval or an array is the same for values that differ (1.0 and 1.00, 24 hours and 1 day, arrays
of other dimensions), an enum's is its number in a catalog: whatever is not in `_EXACT` is hashed
as its text, under the session settings of `side.SETTINGS`.
"""

from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.catalog.types import BUILT_IN
from matapalo.stream.mapping.flow import Flow, Part, Value
from matapalo.stream.names import identifier, trusted
from matapalo.stream.shape import Column, Kind, Name

_EXACT = frozenset({
    "boolean", "smallint", "integer", "bigint", "oid", "date", "time without time zone",
    "timestamp without time zone", "timestamp with time zone", "uuid", "bytea",
})  # fmt: skip
"""Types whose values have the same hash only where they are the same, on every server."""
_RANGED = _EXACT - {"boolean", "oid", "bytea"}
"""Those of a fixed width that are ordered."""
_TEXT = 'text COLLATE "C"'


@dataclass(frozen=True, slots=True)
class View:
    """One side of a flow, as SQL."""

    table: Name
    partitioned: bool
    condition: sql.Composable
    """Which of its rows are compared."""
    lead: sql.Composable | None
    """The first column of the key, if ranges can be made by it: it is ordered alike on every
    server, and an index may find a range of it."""
    lead_type: str
    key: tuple[sql.Composable, ...]
    """What identifies a row, to be hashed."""
    key_text: tuple[sql.Composable, ...]
    key_columns: tuple[sql.Composable, ...]
    """The key's columns as they are, so that an index finds them."""
    key_types: tuple[str, ...]
    names: tuple[str, ...]
    """What the compared columns are called on the target."""
    values: tuple[sql.Composable, ...]
    """What is compared."""

    @property
    def row(self) -> sql.Composed:
        """The hash of a row, key and values."""
        return hashed(*self.key, *self.values)


def hashed(*values: sql.Composable) -> sql.Composed:
    """Return a hash, 64 bits wide, of values."""
    return sql.SQL("pg_catalog.hash_record_extended(ROW({}), 0)").format(sql.SQL(", ").join(values))


def views(flow: Flow) -> tuple[View, View]:
    """Return the source's view and the target's.

    Constants are not compared: they are set when a row is inserted, and the target may change them.
    """
    return _view(flow, at_source=True), _view(flow, at_source=False)


def compared(flow: Flow) -> list[Value]:
    """Return what is compared besides the key."""
    key = [flow.values[i] for i in flow.key]
    return [value for value in flow.values if value.source is not None and value not in key]


def optional(flow: Flow) -> bool:
    """Whether the target may have rows of which the source has none."""
    return flow.part is Part.FURTHER


def _view(flow: Flow, *, at_source: bool) -> View:
    key, rest = [flow.values[i] for i in flow.key], compared(flow)
    shape = flow.source if at_source else flow.target
    # A key that is cast is looked up as the target has it: what it is cast from need not be unique.
    own = [value.column if value.cast else _own(flow, value, at_source=at_source) for value in key]
    return View(
        table=shape.name,
        partitioned=shape.kind is Kind.PARTITIONED,
        condition=trusted(f"({flow.where})" if at_source and flow.where else "true"),
        lead=_ordered(flow, key[0], at_source=at_source),
        lead_type=_base(key[0].column),
        key=tuple(_canonical(flow, value, at_source=at_source) for value in key),
        key_text=tuple(_as_text(_cast(flow, value, at_source=at_source)) for value in key),
        key_columns=tuple(_cast(flow, value, at_source=at_source) for value in key),
        key_types=tuple(column.type for column in own),
        names=tuple(value.column.name for value in rest),
        values=tuple(_canonical(flow, value, at_source=at_source) for value in rest),
    )


def _own(flow: Flow, value: Value, *, at_source: bool) -> Column:
    """Return the column of this side that a value is read from."""
    if not at_source or value.source is None:
        return value.column
    return flow.source.sent[value.source]


def _cast(flow: Flow, value: Value, *, at_source: bool) -> sql.Composable:
    """Return a value as the target has it, where the source knows the target's type.

    Where it does not, the value's text is compared: that is what the other type is read from.
    """
    column = identifier(_own(flow, value, at_source=at_source).name)
    type_ = _known_everywhere(value.column)
    if at_source and value.cast and type_:
        return sql.SQL("({}::{})").format(column, trusted(type_))
    return column


def _known_everywhere(column: Column) -> str:
    if column.oid < BUILT_IN:
        return column.type
    return column.stage if column.stage != column.type else ""


def _canonical(flow: Flow, value: Value, *, at_source: bool) -> sql.Composable:
    expression = _cast(flow, value, at_source=at_source)
    if _exact(value.column):
        return sql.SQL("({}::{})").format(expression, trusted(value.column.stage))
    return _as_text(expression)


def _ordered(flow: Flow, value: Value, *, at_source: bool) -> sql.Composable | None:
    """Return the column to make ranges by, if it is one.

    A text is ordered by its server's own rules, and `width_bucket` is slow for what has no fixed
    width: such keys are told apart by their hashes.
    """
    if value.cast or _base(value.column) not in _RANGED or value.column.stage != value.column.type:
        return None
    return identifier(_own(flow, value, at_source=at_source).name)


def _as_text(expression: sql.Composable) -> sql.Composed:
    return sql.SQL("({}::{})").format(expression, trusted(_TEXT))


def _exact(column: Column) -> bool:
    """Whether values of the type have the same hash only where they are the same.

    A number with a scale of its own is one: there is only one way to write it.
    """
    return _base(column) in _EXACT or column.stage.startswith("numeric(")


def _base(column: Column) -> str:
    """Return the type's name without its precision, a domain's base type's."""
    stage = column.stage or column.type
    head, _, tail = stage.partition("(")
    return head + tail.partition(")")[2] if tail else head
