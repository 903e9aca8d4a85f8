"""Objects to YAML: one a document, keys sorted, what is not given left out."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from matapalo.cloud.yaml import document

Object: TypeAlias = Mapping[str, Any]


def text(objects: Iterable[Object]) -> str:
    """Return a file's text."""
    return "---\n".join(one(each) for each in objects)


def one(value: Object | list[Object]) -> str:
    """Return one document."""
    return document(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value) if value[key] is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
