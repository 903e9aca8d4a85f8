"""Values whose shape the blueprint does not know: an event's pattern, a schedule's input."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, JsonValue

from matapalo.blueprint.bare import Bare

_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def _typed(value: Any) -> Any:
    """Give bare text the type that YAML 1.2 gives it."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return _scalar(value) if isinstance(value, Bare) else value


def _scalar(text: Bare) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return str(text)


Json = Annotated[JsonValue, BeforeValidator(_typed)]
"""Any value that JSON can write."""
