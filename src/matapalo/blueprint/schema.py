"""The blueprint's JSON Schema, by which editors complete it and mark mistakes.

The model gives most of it. What is added is what the loader takes besides: a variable in the place
of any value, text without quotes that looks like a number, a key with nothing behind it, and the
short forms.
"""

from typing import Any

from matapalo.blueprint.part import Part
from matapalo.blueprint.root import Blueprint

JsonSchema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VARIABLE = {"$ref": "#/$defs/Variable"}
_VARIABLE = {
    "description": "A value from the environment: ${NAME} or ${NAME:-default}.",
    "type": "string",
    "pattern": r"\$\{",
}
_NOISE = frozenset({"title", "discriminator", "x-word"})


def schema() -> JsonSchema:
    """Return the schema of a blueprint (JSON Schema, draft 2020-12)."""
    raw = Blueprint.model_json_schema()
    definitions = raw.pop("$defs")
    wide = {name: _with_short_form(name, _wide(part)) for name, part in definitions.items()}
    wide["Environment"]["properties"]["overlay"] = _overlay(raw, definitions)
    return {
        "$schema": DIALECT,
        "title": "Matapalo blueprint",
        **_wide(raw),
        "$defs": {**wide, "Variable": _VARIABLE},
    }


def _wide(node: Any) -> Any:
    """Widen a schema by all that the loader takes for it."""
    if isinstance(node, list):
        return [_wide(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if key not in _NOISE}
    if isinstance(node.get("default"), dict | list):
        del node["default"]
    for key in ("anyOf", "oneOf", "items", "additionalProperties"):
        if key in node:
            node[key] = _wide(node[key])
    if "patternProperties" in node:
        node["patternProperties"] = {k: _or_null(v) for k, v in node["patternProperties"].items()}
        node["additionalProperties"] = False
    if "properties" in node:
        node["properties"] = _properties(node)
    return _or_variable(node)


def _properties(part: JsonSchema) -> JsonSchema:
    required = part.get("required", [])
    return {
        name: _wide(value) if name in required else _or_null(value)
        for name, value in part["properties"].items()
    }


def _or_null(node: JsonSchema) -> JsonSchema:
    """Let nothing stand for the default."""
    wide = _wide(node)
    about: JsonSchema = {key: wide.pop(key) for key in ("description", "default") if key in wide}
    options = wide["anyOf"] if set(wide) == {"anyOf"} else [wide]
    null = {"type": "null"}
    return {**about, "anyOf": [*(option for option in options if option != null), null]}


def _or_variable(node: JsonSchema) -> JsonSchema:
    """Let a variable stand for a value that is not any text; and any text be without quotes."""
    kind = node.get("type")
    if kind == "string" and not node.keys() & {"enum", "pattern", "const"}:
        return {**node, "type": ["string", "number", "boolean"]}
    if "const" in node or kind in (None, "array", "object", "null"):
        return node
    about: JsonSchema = {key: node.pop(key) for key in ("description", "default") if key in node}
    return {**about, "anyOf": [node, VARIABLE]}


def _with_short_form(name: str, node: JsonSchema) -> JsonSchema:
    pattern = next((part.SHORT for part in _parts(Part) if part.__name__ == name), "")
    if not pattern:
        return node
    about = {"description": node.pop("description")}
    return {**about, "anyOf": [{"type": "string", "pattern": pattern}, VARIABLE, node]}


def _parts(root: type[Part]) -> list[type[Part]]:
    return [part for direct in root.__subclasses__() for part in (direct, *_parts(direct))]


def _overlay(root: JsonSchema, definitions: JsonSchema) -> JsonSchema:
    raw = definitions["Environment"]["properties"]["overlay"]
    return {
        "description": raw["description"],
        "type": ["object", "null"],
        "propertyNames": {"enum": list(root["properties"])},
    }
