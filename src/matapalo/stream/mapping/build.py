"""Deciding flows: each table of the blueprint, held against both sides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from matapalo.blueprint import Table
from matapalo.blueprint.nearest import nearest
from matapalo.errors import MappingWrong
from matapalo.stream.mapping import casts, condition
from matapalo.stream.mapping.flow import Flow, Flows, Outside, Part, Value
from matapalo.stream.mapping.planned import goes_along, planned
from matapalo.stream.shape import Column, Name, Shape

Shapes = Mapping[Name, Shape]


def map_tables(
    tables: Sequence[Table], sources: Shapes, targets: Shapes, *, row_filters: bool = False
) -> Flows:
    """Return the flows of a stream.

    A target that is not there is planned from its sources: read it and map again once it is made.
    `row_filters` says whether the source's publications can filter rows (version 15 and later).

    Raises MappingWrong with everything that does not fit.
    """
    found = [problem for table in tables for problem in _own_problems(table, sources)]
    if found:
        raise _wrong(found)
    whole = {**planned(tables, sources, targets), **targets}
    flows = tuple(_flow(table, sources, whole, _part(table, tables)) for table in tables)
    found = [p for table, flow in zip(tables, flows, strict=True) for p in _problems(table, flow)]
    found += _unfed(flows)
    if found:
        raise _wrong(found)
    return tuple(_filtered(flow, flows, row_filters) for flow in flows)


def _wrong(found: Sequence[str]) -> MappingWrong:
    return MappingWrong(
        "the mapping does not fit: " + "; ".join(found),
        hint="Change the tables of the slice in the blueprint, or the tables themselves.",
    )


def _own_problems(table: Table, sources: Shapes) -> Iterator[str]:
    """What is wrong whatever the target looks like."""
    name = Name.parse(table.name)
    shape = sources.get(name)
    if shape is None:
        hint = nearest(str(name), map(str, sources), noun="there are")
        yield f"the source has no table {name}{f' ({hint})' if hint else ''}"
        return
    if not shape.key:
        yield f"{name} has no key: rows without one cannot be followed"
    sent = [column.name for column in shape.sent]
    there = [column.name for column in shape.columns]
    named = [(c, sent) for c in (*table.columns, *table.cast)]
    named += [(c, there) for c in (*table.only, *table.omit)]
    for column, known in dict(named).items():
        if column not in known:
            yield f"{name} has no column `{column}` to map ({nearest(column, known)})"
    for column in sorted(set(table.omit) & set(shape.key)):
        yield f"`{column}` is in the key of {name} and has to go along"
    for column, type_ in table.cast.items():
        if not casts.is_type(type_):
            yield f"`{type_}`, for {name}.{column}, is no type"
    if table.where is not None and (why := condition.problem(table.where)):
        yield f"the condition of {name}: {why}"


def _part(table: Table, tables: Sequence[Table]) -> Part:
    """The first table that goes to a target decides whether there is a row; others add to it."""
    target = Name.parse(table.target)
    same = [other for other in tables if Name.parse(other.target) == target]
    if len(same) == 1:
        return Part.WHOLE
    return Part.FIRST if same[0] is table else Part.FURTHER


def _flow(table: Table, sources: Shapes, targets: Shapes, part: Part) -> Flow:
    source = sources[Name.parse(table.name)]
    target = targets[Name.parse(table.target)]
    fed: dict[str, Value] = {}
    for place, column in enumerate(source.sent):
        if not goes_along(table, source, column):
            continue
        name = table.columns.get(column.name, column.name)
        there = target.column(name)
        if there is None:
            # Kept, so that `_problems` can name it.
            fed[name] = Value(replace(column, name=name, type=""), place)
        else:
            fed[name] = Value(there, place, cast=column.type != there.type)
    for name, constant in table.constant.items():
        there = target.column(name) or Column(name=name, type="", oid=0)
        fed[name] = Value(there, constant=constant)
    order = {column.name: place for place, column in enumerate(target.columns)}
    values = tuple(sorted(fed.values(), key=lambda value: order.get(value.column.name, -1)))
    return Flow(
        source=source,
        target=target,
        values=values,
        key=_key(source, values),
        where=table.where,
        part=part,
    )


def _key(source: Shape, values: Sequence[Value]) -> tuple[int, ...]:
    names = [column.name for column in source.sent]
    places = {value.source: at for at, value in enumerate(values) if value.source is not None}
    return tuple(places[names.index(name)] for name in source.key)


def _problems(table: Table, flow: Flow) -> Iterator[str]:
    """What does not fit the target."""
    target = flow.target
    for value in flow.values:
        yield from _misfit(table, flow, value)
        if flow.part is Part.FURTHER and value.column.name not in flow.target_key:
            yield from _not_emptied(flow, value.column)
    if set(flow.target_key) != set(target.key):
        yield (
            f"the key of {target.name} is ({', '.join(target.key)}), and rows of "
            f"{flow.source.name} come with ({', '.join(flow.target_key)})"
        )


def _misfit(table: Table, flow: Flow, value: Value) -> Iterator[str]:
    column, target = value.column, flow.target
    if not column.type:
        hint = nearest(column.name, [column.name for column in target.sent])
        yield f"{target.name} has no column `{column.name}` ({hint})"
    elif column.generated:
        yield f"`{column.name}` of {target.name} is generated there: leave it out"
    elif value.cast and value.source is not None:
        was = flow.source.sent[value.source]
        if was.name not in table.cast and not casts.faithful(was, column):
            yield (
                f"`{was.name}` of {flow.source.name} is {was.type} and `{column.name}` of "
                f"{target.name} is {column.type}: say so in `cast` if values may change"
            )


def _not_emptied(flow: Flow, column: Column) -> Iterator[str]:
    if can_be_left_out(column):
        return
    yield (
        f"`{column.name}` of {flow.target.name} cannot be empty, and would be where "
        f"{flow.source.name} has no row"
    )


def _unfed(flows: Flows) -> Iterator[str]:
    """Columns of targets that nothing fills and that cannot be empty."""
    for target in {flow.target.name: flow.target for flow in flows}.values():
        fed = {v.column.name for f in flows if f.target.name == target.name for v in f.values}
        for column in target.sent:
            if column.name not in fed and not can_be_left_out(column):
                yield f"nothing fills `{column.name}` of {target.name}, which cannot be empty"


def can_be_left_out(column: Column) -> bool:
    """Return whether a row can be made without saying what the column is."""
    return column.nullable or column.default is not None or bool(column.identity)


def _filtered(flow: Flow, flows: Flows, row_filters: bool) -> Flow:
    """Let the publication filter where it can: one condition a table, on columns that the log has.

    A condition on anything else could not be decided for a row's old version.
    """
    if flow.where is None:
        return flow
    alike = all(f.where == flow.where for f in flows if f.source.name == flow.source.name)
    told = condition.columns_in(flow.where, flow.source) <= set(flow.source.identity_columns)
    return replace(flow, where_at_source=row_filters and alike and told, outside=Outside.REMOVE)
