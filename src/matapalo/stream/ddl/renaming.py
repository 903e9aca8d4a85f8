"""Columns under the names that they have in the source."""

from collections.abc import Iterator, Mapping

from psycopg import sql

from matapalo.stream.mapping import Flow
from matapalo.stream.names import identifier
from matapalo.stream.shape import Name

_BETWEEN = "matapalo renames {}"


def renamed(flow: Flow) -> dict[str, str]:
    """Return the columns that are called otherwise in the target: the old name, the new one."""
    pairs = ((flow.source_name(value), value.column.name) for value in flow.values)
    return {old: new for old, new in pairs if old and old != new}


def rename(table: Name, names: Mapping[str, str]) -> Iterator[sql.Composed]:
    """Yield what renames columns: by way of a third name where one takes another's."""
    clash = set(names) & set(names.values())
    between = {old: _BETWEEN.format(i) for i, old in enumerate(names) if clash}
    for old, aside in between.items():
        yield _one(table, old, aside)
    for old, new in names.items():
        yield _one(table, between.get(old, old), new)


def under_old_names(flow: Flow, statement: sql.Composed) -> tuple[sql.Composed, ...]:
    """Return the statement with the source's names in force while it runs."""
    names = renamed(flow)
    table = flow.target.name
    back = {new: old for old, new in names.items()}
    return (*rename(table, back), statement, *rename(table, names))


def _one(table: Name, old: str, new: str) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} RENAME COLUMN {} TO {}").format(
        table.sql, identifier(old), identifier(new)
    )
