"""What we call our own things on servers, and how names and values become SQL.

Everything that a stream makes on a source is called `matapalo_<name>_<direction>`: its slot, its
publication, its replication origin. Everything on a target lives in the schema `matapalo`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from psycopg import sql

from matapalo.errors import StreamError

SCHEMA = "matapalo"
_LONGEST = 63
_NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


class Direction(StrEnum):
    """Which way rows go."""

    FORWARD = "forward"
    """From the monolith to the new side."""
    REVERSE = "reverse"
    """From the new side back to the monolith."""

    @property
    def opposite(self) -> "Direction":
        """The other way."""
        return Direction.REVERSE if self is Direction.FORWARD else Direction.FORWARD


@dataclass(frozen=True, order=True, slots=True)
class Stream:
    """Which stream. `name` is a slice's name, or one that a person chose."""

    name: str
    direction: Direction = Direction.FORWARD

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self._tail) or len(self.on_server) > _LONGEST:
            raise StreamError(
                f"`{self.name}` is no name for a stream",
                hint="lower-case letters, digits and single hyphens, 46 at most",
            )

    @property
    def _tail(self) -> str:
        return self.name.replace("-", "_")

    @property
    def on_server(self) -> str:
        """What its slot, its publication and its origin are called."""
        return f"matapalo_{self._tail}_{self.direction}"

    @property
    def opposite(self) -> "Stream":
        """The stream of the same name that goes the other way."""
        return Stream(self.name, self.direction.opposite)

    def __str__(self) -> str:
        return f"{self.name} ({self.direction})"


def own(table: str) -> sql.Identifier:
    """Return the quoted name of a table of ours."""
    return sql.Identifier(SCHEMA, table)


def identifier(name: str) -> sql.Identifier:
    """Return a quoted name. PostgreSQL has no name with a zero byte, and neither has SQL."""
    return sql.Identifier(name)


def listed(names: Iterable[str]) -> sql.Composed:
    """Return quoted names, with commas between."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def literal(value: str) -> sql.Composed:
    """Return a text as SQL has it. It stays untyped, so that any type can be read from it."""
    return sql.Composed([sql.Literal(value)])


def trusted(text: str) -> sql.SQL:
    """Return text that is SQL already: what a catalog gave (a type, a definition), or a condition
    that was checked. Never anything that was made up from a name or a value.
    """
    return sql.SQL(text)
