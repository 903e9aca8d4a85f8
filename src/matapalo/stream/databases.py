"""Where the databases are that streams run between: a private file, apart from the blueprint."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matapalo.blueprint import Blueprint
from matapalo.blueprint.relations import store_of
from matapalo.blueprint.targets import Targets
from matapalo.errors import StreamError, UnknownSlice
from matapalo.stream.job import Job
from matapalo.stream.names import Direction, Stream


class Databases(BaseModel):
    """URLs of libpq, passwords included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monolith: str | None = Field(default=None, repr=False)
    stores: Mapping[str, str] = Field(default={}, repr=False)
    """By the store's full name."""


def read(file: Path) -> Databases:
    """Read the file. Raises StreamError where it cannot be read or understood."""
    try:
        return Databases.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StreamError(f"cannot be read: {error.strerror}", where=str(file)) from None
    except (ValidationError, UnicodeDecodeError):
        # What is wrong with it would be told with what is in it.
        raise StreamError(
            "does not say where databases are",
            where=str(file),
            hint='{"monolith": "postgresql://…", "stores": {"product/store": "postgresql://…"}}',
        ) from None


def job_of(
    blueprint: Blueprint, databases: Databases, name: str, direction: Direction = Direction.FORWARD
) -> Job:
    """Return what a slice's stream is to do.

    Raises UnknownSlice, and StreamError where the slice has no tables or a database is not known.
    """
    if name not in blueprint.slices:
        known = ", ".join(blueprint.slices) or "none"
        raise UnknownSlice(f"no slice `{name}`", hint=f"there are: {known}")
    piece = blueprint.slices[name]
    store = store_of(piece, Targets(blueprint))
    if not piece.tables or store is None:
        raise StreamError("has no tables that anything says the store of", where=name)
    new = databases.stores.get(store)
    if databases.monolith is None or new is None:
        missing = "the monolith" if databases.monolith is None else store
        raise StreamError(
            f"nothing says where the database of {missing} is",
            where=name,
            hint="It belongs into the file that --databases names.",
        )
    return Job(Stream(name, direction), databases.monolith, new, piece.tables)
