"""A statement, and what it makes, so that it is not made twice."""

from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from matapalo.stream.shape import Name


@dataclass(frozen=True, slots=True)
class Made:
    """An index or a constraint, by its table and its own name."""

    kind: Literal["index", "constraint"]
    table: Name
    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL to run in one transaction of its own, and what it does in a person's words."""

    what: str
    sql: tuple[sql.Composed, ...]
    makes: Made | None = None
    refers: bool = False
    """Whether it makes a foreign key."""

    def __str__(self) -> str:
        return ";\n".join(part.as_string() for part in self.sql) + ";"
