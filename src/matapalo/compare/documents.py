"""Whether one JSON document says what another says, given the other's noise.

    monolith, new, monolith again ──▶ places where the monolith agrees with itself and new does not

Objects are compared by key, lists in order; 1 and 1.0 are one number, and no number is a text or
a truth value. A list whose length differs is one difference: its items would say no more. Where the
monolith's own two answers differ is noise: that place, or a list's length, is passed over.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from matapalo.blueprint.jsonpath import Place
from matapalo.compare.found import ABSENT, Absent, Found

Json: TypeAlias = bool | int | Decimal | str | list["Json"] | dict[str, "Json"] | None
_Node = tuple[Place, Json, Json, Json]


def read(content: bytes) -> Json | Absent:
    """Return what a text says in JSON; ABSENT where it is none, or is nested too deep to read."""
    try:
        document: Json = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError):
        return ABSENT
    return document


def _no_number(text: str) -> Json:
    raise ValueError(f"{text} is no JSON")


def kind_of(value: object) -> str:
    """Return what a value is: text, number, boolean, null, list or object; nothing if ABSENT."""
    return _KINDS[type(value)]


_KINDS = {
    bool: "boolean", int: "number", Decimal: "number", str: "text", type(None): "null",
    list: "list", dict: "object", Absent: "nothing",
}  # fmt: skip


def differing(one: Json, new: Json, two: Json) -> Iterator[Found]:
    """Yield where the new side's document differs from both of the monolith's."""
    nodes: list[_Node] = [((), one, new, two)]
    while nodes:
        place, one, new, two = nodes.pop()
        if kind_of(one) != kind_of(two):
            continue
        if isinstance(one, dict) and isinstance(two, dict) and isinstance(new, dict):
            yield from _keys(place, one, new, two)
            nodes += _values(place, one, new, two)
        elif isinstance(one, list) and isinstance(two, list) and isinstance(new, list):
            if len(one) == len(two) != len(new):
                yield Found("length", place, one, new)
                continue
            # Not strict: a length that is noise leaves what all three have.
            items = list(enumerate(zip(one, new, two, strict=False)))
            nodes += [((*place, index), *item) for index, item in reversed(items)]
        elif kind_of(new) != kind_of(one):
            if isinstance(one, (dict, list)) or one == two:
                yield Found("type", place, one, new)
        elif one == two and one != new:
            yield Found("value", place, one, new)


def _keys(
    place: Place, one: dict[str, Json], new: dict[str, Json], two: dict[str, Json]
) -> Iterator[Found]:
    """Yield keys that the monolith always or never has, and the new side has not or has."""
    for key, value in one.items():
        if key in two and key not in new:
            yield Found("missing", (*place, key), value, ABSENT)
    for key, value in new.items():
        if key not in one and key not in two:
            yield Found("extra", (*place, key), ABSENT, value)


def _values(
    place: Place, one: dict[str, Json], new: dict[str, Json], two: dict[str, Json]
) -> list[_Node]:
    shared = [key for key in one if key in two and key in new]
    return [((*place, key), one[key], new[key], two[key]) for key in reversed(shared)]
