"""Workflows to YAML: keys in the order in which a person reads them."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

Yaml: TypeAlias = Mapping[str, "Yaml"] | Sequence["Yaml"] | str | int | bool | None

_WIDTH = 4096
"""No text is folded."""


def written(value: Yaml) -> str:
    """Return the document."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = lambda _: True
    stream = io.StringIO()
    yaml.dump(_plain(value), stream)
    return stream.getvalue()


def _plain(value: Yaml) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, str):
        return LiteralScalarString(value) if "\n" in value else value
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return value
