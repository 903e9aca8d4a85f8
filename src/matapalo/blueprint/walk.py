"""Walking through a blueprint."""

from collections.abc import Iterator

from matapalo.blueprint.part import Part
from matapalo.blueprint.reading.tree import Loc


def walk(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, Part]]:
    """Yield every part at or below a value, each with its path."""
    if isinstance(value, Part):
        yield loc, value
        for name in type(value).model_fields:
            yield from walk(getattr(value, name), (*loc, name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, (*loc, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from walk(item, (*loc, index))
