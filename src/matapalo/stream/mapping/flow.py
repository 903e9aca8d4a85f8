"""A flow: how rows of one table become rows of another."""

from dataclasses import dataclass
from enum import StrEnum

from matapalo.stream.mapping.casts import without_length
from matapalo.stream.shape import Column, Name, Shape


class Part(StrEnum):
    """What a flow decides about a row of its target."""

    WHOLE = "whole"
    """Everything: the row is there where the source's row is."""
    FIRST = "first"
    """Whether the row is there, and some of its columns; other flows bring the others."""
    FURTHER = "further"
    """Some columns of a row that another flow brings. Where the source has no row, they are empty:
    an insert or update sets them, a delete sets them to their defaults."""


class Outside(StrEnum):
    """What happens to a row for which the condition does not hold, or no longer does."""

    REMOVE = "remove"
    """It is not on the target: forward."""
    REFUSE = "refuse"
    """It is none of the stream's business: a conflict, and the target is left alone. Reverse."""


@dataclass(frozen=True, slots=True)
class Value:
    """Where one column of the target gets its values from: a column of the source, or a constant.

    A constant is set when a row is inserted and never again, so that what the other side makes of
    it survives. `source` counts from 0 in the source's `sent` columns.
    """

    column: Column
    """The target's."""
    source: int | None = None
    cast: bool = False
    """Whether the types differ, so that the value is cast to the column's type."""
    constant: str | None = None
    """A constant as text, read by the column's type."""

    @property
    def cast_type(self) -> str:
        """The type to cast to, as SQL: the column's without its length.

        Who casts to `varchar(3)` cuts values in silence. Who casts to `varchar` and assigns that to
        the column gets an error. Without a length, `character` and `bit` mean a length of one.
        """
        name, brackets, rest = without_length(self.column.type).partition("[]")
        return _UNBOUND.get(name, name) + brackets + rest


_UNBOUND = {"character": "bpchar", "bit": "bit varying"}


@dataclass(frozen=True, slots=True)
class Flow:
    """How rows of `source` become rows of `target`."""

    source: Shape
    target: Shape
    values: tuple[Value, ...]
    """One for each column of the target that the flow sets, in the target's order."""
    key: tuple[int, ...]
    """Which of `values` are the key, in the order of the source's key. `target_key` are their names
    there; `source_key` where they are in the source's `sent` columns."""
    where: str | None = None
    """A condition in the source's column names, checked to be one expression; else every row."""
    where_at_source: bool = False
    """Whether the publication filters by it, so that the log has only rows for which it holds, and
    turns updates into inserts and deletes. Otherwise whoever applies rows has to filter."""
    outside: Outside = Outside.REMOVE
    part: Part = Part.WHOLE

    @property
    def plain(self) -> bool:
        """Whether cells of a row go into the target as they are, all of them and in order."""
        return (
            (self.where is None or self.where_at_source)
            and self.part is Part.WHOLE
            and not any(value.cast or value.source is None for value in self.values)
            and [value.source for value in self.values] == list(range(len(self.source.sent)))
        )

    @property
    def source_key(self) -> tuple[int, ...]:
        """The key, as positions among the source's `sent` columns."""
        return tuple(position for i in self.key if (position := self.values[i].source) is not None)

    @property
    def target_key(self) -> tuple[str, ...]:
        """The key, as names of the target's columns."""
        return tuple(self.values[i].column.name for i in self.key)

    def source_name(self, value: Value) -> str:
        """Return what a value's column is called in the source; nothing for a constant."""
        return "" if value.source is None else self.source.sent[value.source].name

    def becomes(self, name: str) -> Column | None:
        """Return the target's column that gets a column of the source, if there is one.

        A generated column is computed there as well, where the target has one of the same name.
        """
        source = self.source.column(name)
        if source is not None and source.generated:
            there = self.target.column(name)
            return there if there is not None and there.generated else None
        return next((v.column for v in self.values if self.source_name(v) == name), None)

    @property
    def constants(self) -> tuple[Value, ...]:
        """The values that are set once, when a row is inserted."""
        return tuple(value for value in self.values if value.source is None)

    def __str__(self) -> str:
        return f"{self.source.name} → {self.target.name}"


Flows = tuple[Flow, ...]
"""Every flow of a stream, in the order of the blueprint."""


def of_source(flows: Flows, name: Name) -> Flows:
    """Return the flows that begin at a table."""
    return tuple(flow for flow in flows if flow.source.name == name)
