"""What the validator found, said so that a person can mend it: where, what, and what is right."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Literal, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.part import Part
from matapalo.blueprint.reading.shape import Traced, alternatives, origin, part_of, tags, trace
from matapalo.blueprint.reading.tree import Mapping, Node, Scalar, descend, path_text, place_of
from matapalo.errors import Problem

MOST_SHOWN = 40


def explain(error: ValidationError, root: type[Part], tree: Node) -> list[Problem]:
    """Return a problem for each of the validator's findings."""
    return [_problem(details, trace(root, details["loc"]), tree) for details in error.errors()]


def _problem(details: ErrorDetails, traced: Traced, tree: Node) -> Problem:
    kind = details["type"]
    on_key = traced.on_key or kind == "extra_forbidden"
    node = descend(tree, traced.loc)
    misspelt = _misspelt_kind(node) if kind == "union_tag_not_found" else None
    if misspelt is not None:
        loc = (*traced.loc, misspelt)
        what, hint = f"there is no key `{misspelt}` here", "did you mean `kind`?"
        return Problem(place_of(tree, loc, key=True), path_text(loc), what, hint)
    what, hint = _say(kind)(details, traced, node)
    return Problem(place_of(tree, traced.loc, key=on_key), path_text(traced.loc), what, hint)


def _misspelt_kind(node: Node) -> str | None:
    """Return the key that was meant to be `kind`; the validator does not tell of it."""
    close = get_close_matches("kind", node.entries, n=1) if isinstance(node, Mapping) else []
    return close[0] if close else None


Saying = tuple[str, str]
"""What is wrong, and what would be right."""


def _missing(_: ErrorDetails, traced: Traced, __: Node) -> Saying:
    key = str(traced.loc[-1])
    field = traced.model.model_fields[key] if traced.model else None
    meaning = (field.description or "") if field else ""
    return f"`{key}` is missing", _first_sentence(meaning)


def _unknown(_: ErrorDetails, traced: Traced, __: Node) -> Saying:
    key = str(traced.loc[-1])
    known = list(traced.model.model_fields) if traced.model else []
    return f"there is no key `{key}` here", nearest(key, known, noun="keys here")


def _choice(details: ErrorDetails, traced: Traced, node: Node) -> Saying:
    values = [str(v) for v in _literals(traced.annotation)]
    return f"{_shown(node)} is not one of {', '.join(values)}", _meant(details["input"], values)


def _kind_unknown(details: ErrorDetails, traced: Traced, node: Node) -> Saying:
    values = tags(traced.annotation)
    kind = descend(node, ("kind",))
    word = str(details.get("ctx", {}).get("tag", ""))
    return f"`kind` is {_shown(kind)}: one of {', '.join(values)} is needed", _meant(word, values)


def _kind_missing(_: ErrorDetails, traced: Traced, __: Node) -> Saying:
    return "`kind` is missing", f"one of {', '.join(tags(traced.annotation))}"


def _value(details: ErrorDetails, traced: Traced, node: Node) -> Saying:
    reason = str(details.get("ctx", {}).get("error", details["msg"]))
    word = f"`{traced.loc[-1]}`" if traced.on_key else _shown(node)
    return (f"{word}: {reason}" if word else reason), ""


def _mapping(_: ErrorDetails, traced: Traced, node: Node) -> Saying:
    part = part_of(traced.annotation)
    hint = f"keys here: {', '.join(part.model_fields)}" if part else "write `key: value` below it"
    return f"a mapping is needed, not {_described(node)}", hint


def _list(_: ErrorDetails, __: Traced, node: Node) -> Saying:
    hint = "begin each item with a hyphen"
    if isinstance(node, Scalar) and node.text:
        hint = f"write it as [{', '.join(node.written.split())}]"
    return f"a list is needed, not {_described(node)}", hint


def _needed(thing: str) -> Callable[[ErrorDetails, Traced, Node], Saying]:
    return lambda _, __, node: (f"{thing} is needed, not {_described(node)}", "")


def _bound(words: str, key: str) -> Callable[[ErrorDetails, Traced, Node], Saying]:
    def say(details: ErrorDetails, _: Traced, node: Node) -> Saying:
        bound = details.get("ctx", {}).get(key)
        return f"{_shown(node)} is out of range: {words} {_number(bound)}", ""

    return say


def _too_short(details: ErrorDetails, _: Traced, __: Node) -> Saying:
    least = details.get("ctx", {}).get("min_length")
    return f"too short: at least {least} needed", ""


def _other(details: ErrorDetails, _: Traced, __: Node) -> Saying:
    return details["msg"], ""


_SAYINGS: dict[str, Callable[[ErrorDetails, Traced, Node], Saying]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _choice,
    "union_tag_invalid": _kind_unknown,
    "union_tag_not_found": _kind_missing,
    "value_error": _value,
    "dict_type": _mapping,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "tuple_type": _list,
    "list_type": _list,
    "string_type": _needed("text"),
    "int_parsing": _needed("a whole number"),
    "int_from_float": _needed("a whole number"),
    "int_type": _needed("a whole number"),
    "float_parsing": _needed("a number"),
    "float_type": _needed("a number"),
    "finite_number": _needed("a finite number"),
    "bool_parsing": _needed("true or false"),
    "bool_type": _needed("true or false"),
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
    "less_than": _bound("less than", "lt"),
    "too_short": _too_short,
    "string_too_short": _too_short,
}


def _say(kind: str) -> Callable[[ErrorDetails, Traced, Node], Saying]:
    return _SAYINGS.get(kind, _other)


def _shown(node: Node) -> str:
    """Return a value as it is written: never what a variable stands for, which may be secret."""
    if not isinstance(node, Scalar):
        return ""
    written = node.written.replace("\n", " ")
    return f"`{written if len(written) <= MOST_SHOWN else written[:MOST_SHOWN] + '…'}`"


def _described(node: Node) -> str:
    if isinstance(node, Scalar):
        return _shown(node) if node.written.strip() else "nothing"
    return "a mapping" if isinstance(node, Mapping) else "a list"


def _literals(annotation: Any) -> list[Any]:
    return [
        value
        for _, found in alternatives(annotation)
        if origin(found) is Literal
        for value in get_args(found)
    ]


def _meant(word: object, values: list[str]) -> str:
    hint = nearest(str(word), values)
    return hint if hint.startswith("did you mean") else ""


def _number(bound: object) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.:;])\s", text.strip(), maxsplit=1)[0]
