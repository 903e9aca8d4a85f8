"""How the log describes a table: once before its first change, and again after it was altered."""

import struct
from dataclasses import dataclass

from matapalo.stream.shape import Name

_HEAD = struct.Struct("!I")
_TAIL = struct.Struct("!cH")
_COLUMN = struct.Struct("!Ii")


@dataclass(frozen=True, slots=True)
class LogColumn:
    """One column of the rows that follow."""

    name: str
    oid: int
    modifier: int
    """A length or precision as `pg_attribute.atttypmod` has it; -1 for none."""
    identifying: bool
    """Whether old versions of a row have it."""


@dataclass(frozen=True, eq=False, slots=True)
class Relation:
    """A table as it was when the changes that name this very object were made."""

    id: int
    name: Name
    identity: str
    columns: tuple[LogColumn, ...]
    identifying: tuple[int, ...]
    """Where the identifying columns are."""

    def same_as(self, other: "Relation") -> bool:
        """Whether rows of both look the same."""
        return (self.id, self.name, self.identity, self.columns) == (
            other.id, other.name, other.identity, other.columns,
        )  # fmt: skip


def read_relation(message: bytes, at: int) -> Relation:
    """Read a Relation message from behind its kind."""
    (number,) = _HEAD.unpack_from(message, at)
    schema, at = _text(message, at + _HEAD.size)
    table, at = _text(message, at)
    identity, count = _TAIL.unpack_from(message, at)
    at += _TAIL.size
    columns: list[LogColumn] = []
    for _ in range(count):
        flags = message[at]
        name, at = _text(message, at + 1)
        oid, modifier = _COLUMN.unpack_from(message, at)
        columns.append(LogColumn(name, oid, modifier, bool(flags & 1)))
        at += _COLUMN.size
    identifying = tuple(place for place, column in enumerate(columns) if column.identifying)
    # An empty schema stands for pg_catalog.
    name_there = Name(schema or "pg_catalog", table)
    return Relation(number, name_there, identity.decode(), tuple(columns), identifying)


def _text(message: bytes, at: int) -> tuple[str, int]:
    end = message.index(0, at)
    return message[at:end].decode(), end + 1
