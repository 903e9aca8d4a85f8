"""The way back: from flows to flows that undo them, for the reverse stream.

What can be undone: new names, columns that stay behind and may be empty there, casts that lose
nothing, constants (they stay on their side), conditions whose columns are called the same on both
sides, a table split in two (joined again), and two tables joined (split again).
"""

from collections.abc import Iterator

from matapalo.errors import NotInvertible
from matapalo.stream.mapping import casts, condition
from matapalo.stream.mapping.build import can_be_left_out
from matapalo.stream.mapping.flow import Flow, Flows, Outside, Part, Value
from matapalo.stream.names import identifier
from matapalo.stream.shape import Shape


def inverse(flows: Flows) -> Flows:
    """Return the flows of the reverse stream. Raises NotInvertible with every reason."""
    reasons = tuple(obstacles(flows))
    if reasons:
        raise NotInvertible(
            "rows cannot come back: " + "; ".join(reasons),
            hint="Without a way back the slice can be copied and followed, but not switched.",
        )
    return tuple(_inverse(flow, flows) for flow in flows)


def obstacles(flows: Flows) -> Iterator[str]:
    """Yield the reasons why a mapping cannot be undone."""
    for flow in flows:
        yield from _of_values(flow)
        if flow.where is not None:
            yield from _of_condition(flow, flow.where)
    for source in {flow.source.name: flow.source for flow in flows}.values():
        yield from _of_table(source, [f for f in flows if f.source.name == source.name])


def _of_values(flow: Flow) -> Iterator[str]:
    for value in flow.values:
        if value.source is None or not value.cast:
            continue
        was = flow.source.sent[value.source]
        if not casts.reversible(was, value.column):
            yield (
                f"`{was.name}` of {flow.source.name} is {was.type} there and "
                f"{value.column.type} in {flow.target.name}, which can lose something"
            )


def _of_condition(flow: Flow, where: str) -> Iterator[str]:
    names = {value.column.name: flow.source_name(value) for value in flow.values}
    for column in sorted(condition.columns_in(where, flow.source)):
        if names.get(column) != column:
            yield (
                f"the condition of {flow.source.name} names `{column}`, which {flow.target.name} "
                "does not have under this name"
            )


def _of_table(source: Shape, flows: list[Flow]) -> Iterator[str]:
    """Every column has to come back from one place, or may be empty."""
    for place, column in enumerate(source.sent):
        homes = [f for f in flows if any(v.source == place for v in f.values)]
        if not homes and not can_be_left_out(column):
            yield f"`{column.name}` of {source.name} stays behind, and cannot be empty there"
        if len(homes) > 1 and column.name not in source.key:
            places = " and ".join(str(flow.target.name) for flow in homes)
            yield f"`{column.name}` of {source.name} is in {places}"
        further = homes and homes[0] is not flows[0]
        if further and column.name not in source.key and not can_be_left_out(column):
            yield (
                f"`{column.name}` of {source.name} cannot be empty, and would be until "
                f"{homes[0].target.name} has a row"
            )


def _inverse(flow: Flow, flows: Flows) -> Flow:
    place = {column.name: at for at, column in enumerate(flow.target.sent)}
    values = tuple(
        sorted(
            (
                Value(
                    column=flow.source.sent[value.source],
                    source=place[value.column.name],
                    cast=value.cast,
                )
                for value in flow.values
                if value.source is not None
            ),
            key=lambda value: flow.source.columns.index(value.column),
        )
    )
    at = {value.source: i for i, value in enumerate(values)}
    return Flow(
        source=flow.target,
        target=flow.source,
        values=values,
        key=tuple(at[place[name]] for name in flow.target.key),
        where=_condition(flow),
        outside=Outside.REMOVE if flow.part is Part.FURTHER else Outside.REFUSE,
        part=_part(flow, flows),
    )


def _part(flow: Flow, flows: Flows) -> Part:
    same = [other for other in flows if other.source.name == flow.source.name]
    if len(same) == 1:
        return Part.WHOLE
    return Part.FIRST if same[0] is flow else Part.FURTHER


def _condition(flow: Flow) -> str | None:
    """A further table has a row where one of its columns is not empty."""
    if flow.part is not Part.FURTHER:
        return flow.where
    some = [
        f"{identifier(value.column.name).as_string()} IS NOT NULL"
        for value in flow.values
        if value.source is not None and value.column.name not in flow.target_key
    ]
    either = " OR ".join(some) or "true"
    return either if flow.where is None else f"({flow.where}) AND ({either})"
