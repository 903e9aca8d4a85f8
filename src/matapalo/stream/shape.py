"""What a table looks like: its columns, its key, and what the log says about its rows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from psycopg import sql

from matapalo.blueprint.tablename import split_table_name


@dataclass(frozen=True, order=True, slots=True)
class Name:
    """A table's name, exactly as the catalog has it."""

    schema: str
    table: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name as a blueprint writes it: `table`, `schema.table`, parts quoted or not."""
        return cls(*split_table_name(text))

    @property
    def sql(self) -> sql.Identifier:
        """The name as SQL has it, quoted."""
        return sql.Identifier(self.schema, self.table)

    def __str__(self) -> str:
        return f"{_shown(self.schema)}.{_shown(self.table)}"


def _shown(part: str) -> str:
    plain = part and not set(part) & set('." ')
    return part if plain else '"' + part.replace('"', '""') + '"'


class Identity(StrEnum):
    """What the log has of a row's old version when it is updated or deleted."""

    DEFAULT = "d"
    """The primary key."""
    NOTHING = "n"
    """Nothing: updates and deletes of a published table fail."""
    FULL = "f"
    """The whole row."""
    INDEX = "i"
    """The columns of a unique index."""


class Kind(StrEnum):
    """What kind of table it is."""

    TABLE = "r"
    PARTITIONED = "p"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, as the catalog describes it."""

    name: str
    type: str
    """Its type as SQL writes it, schema included where it is none of PostgreSQL's own."""
    oid: int
    """The type's number; the same on every server only where `portable`."""
    nullable: bool = True
    default: str | None = None
    """The expression of its default, or of what it is generated from."""
    identity: str = ""
    """`a` for GENERATED ALWAYS AS IDENTITY, `d` for BY DEFAULT, else nothing."""
    generated: str = ""
    """`s` where it is computed and stored, `v` where it is computed at every read."""
    collation: str | None = None
    """Its collation as SQL writes it, where it is not its type's own."""
    portable: bool = True
    """Whether a binary cell means the same on another server. It does not where it holds numbers
    of the catalog: arrays and rows of types that users made, names of tables, and the like."""
    stage: str = ""
    """A type of PostgreSQL's own that takes this type's binary cells, where `type` may be missing:
    `text` for an enum, the base type for a domain. The type itself elsewhere."""
    toastable: bool = False
    """Whether the log may leave its value out when it did not change."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table.

    `key` is read from the catalog, never from the log: the primary key, else the unique index that
    is the replica identity, else nothing. `sent` are the columns that rows on the way have.
    """

    name: Name
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    identity: Identity = Identity.DEFAULT
    identity_columns: tuple[str, ...] = ()
    """The columns that the log has of an old version."""
    kind: Kind = Kind.TABLE

    @property
    def sent(self) -> tuple[Column, ...]:
        """The columns that can be copied: all but generated ones, in the catalog's order."""
        return tuple(column for column in self.columns if not column.generated)

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)
