"""Casts: which of them keep every value, or fail where they cannot.

A cast that neither loses nor fails silently may be made in both directions, so that a mapping with
it can be undone. `numeric(9,2)` to `integer` is none: it rounds.
"""

import re

from matapalo.stream.shape import Column

_LENGTH = re.compile(r"\(([0-9]+)(?:,(-?[0-9]+))?\)")
_WORD = re.compile(r"[\w .,()\[\]\"$-]+")

_WHOLE = frozenset({"smallint", "integer", "bigint"})
_TEXTS = frozenset({"text", "character varying"})
# Every session of ours lives in UTC.
_MOMENTS = frozenset({"timestamp without time zone", "timestamp with time zone"})
_UP = frozenset(
    {
        ("smallint", "real"), ("smallint", "double precision"), ("integer", "double precision"),
        ("real", "double precision"), ("date", "timestamp without time zone"),
        ("date", "timestamp with time zone"), ("uuid", "text"), ("boolean", "text"),
    }
)  # fmt: skip
_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}


def is_type(text: str) -> bool:
    """Return whether a text can be a type's name: words, dots, a length, brackets, quoted parts."""
    return bool(_WORD.fullmatch(text)) and text.count('"') % 2 == 0 and "--" not in text


def without_length(type_: str) -> str:
    """Return a type without its length or precision: `character varying(9)[]` → `…varying[]`."""
    return _LENGTH.sub("", type_)


def faithful(source: Column, target: Column) -> bool:
    """Return whether two different values stay different, or the cast fails."""
    a, b = source.type, target.type
    if b in (a, source.stage):
        return True
    short_a, short_b = without_length(a), without_length(b)
    if (short_a, short_b) in _UP:
        return True
    if short_b == "numeric":
        return _into_numeric(a, b)
    if _is_text(target) and _is_enum(source):
        return True
    if _is_enum(target) and short_a in _TEXTS:
        return True
    same = (_WHOLE, _TEXTS, _MOMENTS)
    return any(short_a in kind and short_b in kind for kind in same) and not _rounds(a, b)


def reversible(source: Column, target: Column) -> bool:
    """Return whether the cast and the cast back are both faithful."""
    return faithful(source, target) and faithful(target, source)


def _is_enum(column: Column) -> bool:
    return column.stage == "text" and column.portable and column.type not in _TEXTS


def _is_text(column: Column) -> bool:
    return without_length(column.type) in _TEXTS


def _into_numeric(a: str, b: str) -> bool:
    """Digits after the point must have room; too many before it are an error of the server's."""
    if without_length(a) in _DIGITS:
        return (_scale(b) or 0) >= 0
    if without_length(a) != "numeric":
        return False
    return not _rounds(a, b)


def _rounds(a: str, b: str) -> bool:
    """Whether the second has fewer digits after the point, or after the second of a time."""
    scale_a, scale_b = _scale(a), _scale(b)
    if without_length(a) in _TEXTS or scale_b is None:
        return False
    return scale_a is None or scale_a > scale_b


def _scale(type_: str) -> int | None:
    found = _LENGTH.search(type_)
    if not found:
        return None
    if without_length(type_) == "numeric":
        return int(found[2] or 0)
    return int(found[1])
