"""Plain values to YAML, in the one form in which a render writes it.

Blocks, two spaces deep; a text is bare where nothing could take it for something else, literal
where it has several lines, and else in double quotes as JSON has them. No anchors, tags, folding.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

Yaml: TypeAlias = Mapping[str, "Yaml"] | Sequence["Yaml"] | str | int | float | bool | None

_WORD = r"[A-Za-z0-9_/.$@(][A-Za-z0-9_/.$@:=*+()-]*"
_BARE = re.compile(rf"(?=[A-Za-z_/$]|\./){_WORD}(?: {_WORD})*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_PAD = "  "


def document(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return one document; keys come in their order."""
    lines = _mapping(value, 0) if isinstance(value, Mapping) else _sequence(value, 0)
    return "\n".join(lines) + "\n"


def _mapping(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, value in values.items():
        head = f"{_PAD * depth}{_text(key)}:"
        yield from _entry(head, value, depth)


def _sequence(values: Sequence[Any], depth: int) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping) and value:
            lines = _mapping(value, depth + 1)
            first = next(lines)
            yield f"{_PAD * depth}- {first[len(_PAD) * (depth + 1) :]}"
            yield from lines
        else:
            yield from _entry(f"{_PAD * depth}-", value, depth)


def _entry(head: str, value: Any, depth: int) -> Iterator[str]:
    """Yield what follows a key or a dash: on its line, or below it."""
    if isinstance(value, str):
        yield from _string(head, value, depth)
    elif isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, depth + 1)
    elif isinstance(value, Sequence) and value:
        yield head
        yield from _sequence(value, depth + 1)
    else:
        yield f"{head} {_atom(value)}"


def _string(head: str, value: str, depth: int) -> Iterator[str]:
    lines = value.split("\n")
    if len(lines) == 1 or not _literal(value):
        yield f"{head} {_text(value)}"
        return
    whole = value.endswith("\n")
    yield f"{head} {'|' if whole else '|-'}"
    for line in lines[:-1] if whole else lines:
        yield f"{_PAD * (depth + 1)}{line}" if line else ""


def _literal(value: str) -> bool:
    """Whether a text of several lines can stand as it is."""
    return value.replace("\n", " ").isprintable() and value[0] not in " \n" and value[-2:] != "\n\n"


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    bare = _BARE.fullmatch(value) and value.lower() not in _WORDS and value[-1] != ":"
    return value if bare and ": " not in value else _quoted(value)


def _quoted(value: str) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if said.isprintable() else "".join(map(_escaped, said))


def _escaped(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _atom(value: Any) -> str:
    """Return a number, a truth, nothing, or an empty collection: as JSON has them."""
    return json.dumps(value)
