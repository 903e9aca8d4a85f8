"""Objects to YAML: one a document, keys sorted, texts of many lines as they are."""

import io
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

Object: TypeAlias = Mapping[str, Any]
WIDTH = 4096
"""No text is folded."""


def text(objects: Iterable[Object]) -> str:
    """Return a file's text."""
    return "---\n".join(one(each) for each in objects)


def one(value: Any) -> str:
    """Return one document."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_plain(value), stream)
    return stream.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value) if value[key] is not None}
    if isinstance(value, str):
        return LiteralScalarString(value) if "\n" in value else value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
