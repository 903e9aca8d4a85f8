"""What the verbs of `matapalo stream` are given: two URLs, and tables from one of four places."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from matapalo.errors import MappingWrong, UnknownStream

if TYPE_CHECKING:
    from matapalo.blueprint import Table
    from matapalo.stream.job import Job
    from matapalo.stream.names import Stream


@dataclass(frozen=True, slots=True)
class Ends:
    """A stream as a person names it."""

    name: str
    source: str
    target: str
    tables: list[str] | None = None
    every: bool = False
    mapping: Path | None = None
    reverse: bool = False

    @property
    def stream(self) -> "Stream":
        """The stream."""
        from matapalo.stream.names import Direction, Stream

        return Stream(self.name, Direction.REVERSE if self.reverse else Direction.FORWARD)

    def job(self) -> "Job":
        """Return what is to be done, with the tables that were named or are known already."""
        from matapalo.stream.job import Job

        return Job(self.stream, self.source, self.target, self._tables())

    def _tables(self) -> "tuple[Table, ...]":
        if self.mapping is not None:
            return _from_file(self.mapping)
        if self.tables:
            return tuple(_table(text) for text in self.tables)
        return _every(self.source) if self.every else self._known()

    def _known(self) -> "tuple[Table, ...]":
        """Return the tables that the stream was loaded with."""
        from matapalo.stream import control
        from matapalo.stream.database import connect
        from matapalo.stream.names import Stream

        with connect(self.target) as target:
            try:
                return control.entry(target, Stream(self.name)).tables
            except UnknownStream as error:
                raise UnknownStream(
                    error.what, hint="Name tables: --table, --all or --mapping."
                ) from None


def _table(text: str) -> "Table":
    name, _, to = text.partition("=")
    return _checked({"name": name, "to": to or None}, text)


def _from_file(file: Path) -> "tuple[Table, ...]":
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise MappingWrong(f"cannot be read: {error}", where=str(file)) from None
    if not isinstance(found, list):
        raise MappingWrong("is no list of tables", where=str(file), hint="- name: movements")
    return tuple(_checked(one, str(file)) for one in found)


def _checked(described: object, where: str) -> "Table":
    from matapalo.blueprint import Table

    try:
        return Table.model_validate(described)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise MappingWrong(f"{place}: {first['msg']}", where=where) from None


def _every(source: str) -> "tuple[Table, ...]":
    """Return every table that has a primary key, partitions with the table that they belong to."""
    from matapalo.blueprint import Table
    from matapalo.stream.catalog import every_table
    from matapalo.stream.database import connect

    with connect(source) as session:
        return tuple(Table(name=str(name)) for name in every_table(session))
