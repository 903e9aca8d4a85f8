"""The reference page of the blueprint, made from the model, so that it cannot drift from it."""

import json
from collections.abc import Iterator
from typing import Any

from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.schema import JsonSchema

INTRODUCTION = """\
# The blueprint

One file, `matapalo.yaml`, says where the system is, where it is going, and the way between. This
page is made from the model by `matapalo schema --docs`; do not edit it by hand.

- `matapalo init` writes a first one; `matapalo check` says all that is wrong with it at once, with
  line and column; `matapalo schema` prints a JSON Schema by which an editor completes it.
- **Nothing but what is needed.** Every key has a default, unless it says *needed*. A key with
  nothing behind it means its default.
- **Names** are 1 to 40 lower-case letters, digits and hyphens, and start with a letter.
- **Values from the environment**: `${NAME}` or `${NAME:-default}` in any value; `$${` writes `${`
  itself. A variable that is not set is an error.
- **Secrets** are named below `secrets`, and referred to by `{secret: its-name}`. One that is
  written out is an error.
- **Environments**: `environments.<name>.overlay` holds what is different there, and so does a file
  `matapalo.<name>.yaml` beside the blueprint. Mappings merge, everything else is replaced, `null`
  takes a key away. `local` is this machine.
- **Paths** of files are relative to the blueprint's folder.
- YAML's anchors, aliases and `<<` work. A value's type is that of its key: `version: 1.30` needs
  no quotes, and neither does an account's number that begins with 0.
"""

SHORT_FORMS = {
    "Route": "A text is short for it: `/api/limits`, or `GET,POST /api/limits`.",
    "Table": "A text is short for it: `movements`, or `ledger.movements`.",
}


def reference() -> str:
    """Return the page as Markdown."""
    raw = Blueprint.model_json_schema()
    definitions = raw["$defs"]
    names = ("Blueprint", *_order(raw, definitions))
    sections = [_section(name, definitions.get(name, raw), definitions) for name in names]
    return "\n".join([INTRODUCTION, *sections])


def _order(raw: JsonSchema, definitions: JsonSchema) -> list[str]:
    """Return the parts in the order in which a reader of a blueprint meets them."""
    seen: list[str] = []

    def visit(node: JsonSchema) -> None:
        for name in _references(node):
            if name not in seen and "properties" in definitions[name]:
                seen.append(name)
                visit(definitions[name])

    visit({"properties": raw["properties"]})
    return seen


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            elif key not in {"default", "discriminator"}:
                yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _section(name: str, part: JsonSchema, definitions: JsonSchema) -> str:
    head = f"## {name}\n\n{part['description']}\n"
    if name in SHORT_FORMS:
        head += f"\n{SHORT_FORMS[name]}\n"
    table = "| key | takes | default | meaning |\n| --- | --- | --- | --- |\n"
    required = part.get("required", [])
    rows = (
        _row(key, value, definitions, needed=key in required)
        for key, value in part.get("properties", {}).items()
    )
    return f"{head}\n{table}{''.join(rows)}"


def _row(key: str, value: JsonSchema, definitions: JsonSchema, *, needed: bool) -> str:
    default = "*needed*" if needed else _default(value.get("default"))
    meaning = " ".join((value.get("description") or _of_part(value, definitions)).split())
    cells = (f"`{key}`", _takes(value), default, meaning)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _of_part(value: JsonSchema, definitions: JsonSchema) -> str:
    """Return what is said of the part that a key holds, where nothing is said of the key."""
    names = list(_references(value))
    text = definitions[names[0]].get("description", "") if len(names) == 1 else ""
    return str(text).partition("\n\n")[0]


def _default(value: object) -> str:
    """Return a default in a few letters; that of a whole part stands in its own section."""
    if value is None or value in ("", [], {}):
        return ""
    return "" if isinstance(value, dict) else f"`{json.dumps(value)}`"


def _takes(value: JsonSchema) -> str:  # noqa: PLR0911 - a row a case reads best
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return "any value" if name == "JsonValue" else f"[{name}](#{name.lower()})"
    for union in ("anyOf", "oneOf"):
        if union in value:
            return " or ".join(_takes(each) for each in value[union] if each != {"type": "null"})
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if value.get("type") == "array":
        return f"list of {_takes(value['items'])}"
    if value.get("type") == "object":
        return _mapping(value)
    return value.get("x-word") or _scalar(value)


def _mapping(value: JsonSchema) -> str:
    named = list(value.get("patternProperties", {}).values())
    below = named[0] if named else value.get("additionalProperties", {})
    return f"{'name' if named else 'text'}: {_takes(below) if below else 'any value'}"


def _scalar(value: JsonSchema) -> str:
    word = {"integer": "whole number", "number": "number", "boolean": "true or false"}
    bounds = [
        f"{sign} {value[key]:g}"
        for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"))
        if key in value
    ]
    return " ".join([word.get(value.get("type", ""), "text"), ", ".join(bounds)]).strip()
