"""Tables that a target does not have yet, as they will be made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matapalo.blueprint import Table
from matapalo.stream.mapping import condition
from matapalo.stream.names import literal
from matapalo.stream.shape import Column, Identity, Name, Shape

CONSTANT_TYPE = "text"
"""The type of a column that gets a constant, where no table says otherwise."""


def planned(
    tables: Sequence[Table], sources: Mapping[Name, Shape], targets: Mapping[Name, Shape]
) -> dict[Name, Shape]:
    """Return the shapes of the targets that are not there, from the tables that fill them."""
    made: dict[Name, Shape] = {}
    for table in tables:
        name, source = Name.parse(table.target), sources[Name.parse(table.name)]
        if name in targets:
            continue
        shape = _planned(table, name, source)
        made[name] = _joined(made[name], shape) if name in made else shape
    return made


def goes_along(table: Table, shape: Shape, column: Column) -> bool:
    """Return whether a column of the source is in the target."""
    if column.name in table.omit:
        return False
    return not table.only or column.name in table.only or column.name in shape.key


def _planned(table: Table, name: Name, source: Shape) -> Shape:
    columns = [
        _column(table, column)
        for column in source.columns
        if goes_along(table, source, column) and _computable(table, source, column)
    ]
    for constant, value in table.constant.items():
        columns.append(
            Column(
                name=constant,
                type=CONSTANT_TYPE,
                oid=0,
                stage=CONSTANT_TYPE,
                default=literal(value).as_string(),
            )
        )
    key = tuple(table.columns.get(column, column) for column in source.key)
    return Shape(
        name=name,
        columns=tuple(columns),
        key=key,
        identity=Identity.DEFAULT,
        identity_columns=key,
        kind=source.kind,
    )


def _column(table: Table, column: Column) -> Column:
    name = table.columns.get(column.name, column.name)
    type_ = table.cast.get(column.name)
    if type_ is None or type_ == column.type:
        return replace(column, name=name)
    default = column.default and f"CAST({column.default} AS {type_})"
    return replace(
        column, name=name, type=type_, oid=0, stage=type_, collation=None, default=default
    )


def _computable(table: Table, source: Shape, column: Column) -> bool:
    """Whether what a generated column is computed from goes along, and as it is."""
    if not column.generated or column.default is None:
        return True
    return all(
        goes_along(table, source, needed) and name not in table.cast
        for name in condition.columns_in(column.default, source)
        if (needed := source.column(name)) is not None
    )


def _joined(first: Shape, further: Shape) -> Shape:
    """Add the columns of a further table. They are empty where that has no row."""
    names = {column.name for column in first.columns}
    more = (replace(c, nullable=True) for c in further.columns if c.name not in names)
    return replace(first, columns=(*first.columns, *more))
