"""Values from the environment: `${NAME}`, or `${NAME:-default}`; `$${` writes `${` itself."""

import re
from collections.abc import Mapping as Environ
from dataclasses import replace

from matapalo.blueprint.reading.parse import NULLS
from matapalo.blueprint.reading.tree import Entry, Loc, Mapping, Node, Scalar, Sequence, path_text
from matapalo.errors import Problem

VARIABLE = re.compile(r"\$\$\{|\$\{(?P<inside>[^{}]*)(?P<end>\}?)")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)


def filled(node: Node, environ: Environ[str, str]) -> tuple[Node, list[Problem]]:
    """Return the tree with every variable replaced, and what is wrong with variables."""
    problems: list[Problem] = []
    return _fill(node, (), environ, problems), problems


def _fill(node: Node, loc: Loc, environ: Environ[str, str], problems: list[Problem]) -> Node:
    match node:
        case Scalar():
            return _scalar(node, loc, environ, problems)
        case Sequence():
            items = (_fill(item, (*loc, i), environ, problems) for i, item in enumerate(node.items))
            return replace(node, items=tuple(items))
        case Mapping():
            entries = {
                key: Entry(entry.key, _fill(entry.node, (*loc, key), environ, problems))
                for key, entry in node.entries.items()
            }
            return replace(node, entries=entries)


def _scalar(node: Scalar, loc: Loc, environ: Environ[str, str], problems: list[Problem]) -> Scalar:
    if node.text is None or "${" not in node.text:
        return node
    text = ""
    end = 0
    for match in VARIABLE.finditer(node.text):
        value, what, hint = _value(match, environ)
        if what:
            problems.append(Problem(node.place, path_text(loc), what, hint))
        text += node.text[end : match.start()] + value
        end = match.end()
    text += node.text[end:]
    # An unquoted value that comes out empty is a value that is not given.
    return replace(node, text=None if not node.quoted and text in NULLS else text)


def _value(match: re.Match[str], environ: Environ[str, str]) -> tuple[str, str, str]:
    """Return what a variable stands for; and if it stands for nothing, why, and what to do."""
    if match[0] == "$${":
        return "${", "", ""
    inside = _INSIDE.fullmatch(match["inside"])
    if inside is None or not match["end"]:
        hint = "write ${NAME} or ${NAME:-default}; $${ writes ${ itself"
        return "", f"`{match[0]}` is not a variable", hint
    name, default = inside["name"], inside["default"]
    value = environ.get(name)
    if default is not None:
        return value or default, "", ""
    if value is None:
        hint = f"set it, or give a default: ${{{name}:-…}}"
        return "", f"the environment variable {name} is not set", hint
    return value, "", ""
