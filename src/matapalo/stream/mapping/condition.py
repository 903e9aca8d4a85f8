"""Conditions: SQL that a blueprint has, checked to be one expression and nothing else.

A condition is written in SQL by whoever writes the blueprint. It is put in parentheses wherever it
goes, so it must not be able to leave them: quotes and parentheses are closed, and there is neither
a comment nor a second statement.
"""

import re
from collections.abc import Iterator

from matapalo.stream.shape import Shape

_TOKEN = re.compile(
    r"""
      (?P<text> (?:\b[eE])? ' (?: [^'] | '' )* ')
    | (?P<quoted> " (?: [^"] | "" )+ ")
    | (?P<word> [^\W\d] \w*)
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<bad> ; | -- | /\* | \*/ | \$ | ' | " | \\ | \x00 )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FORBIDDEN = frozenset({"select", "insert", "update", "delete", "merge", "copy", "table", "values"})


def problem(text: str) -> str:
    """Return why a text is no condition, or nothing."""
    depth = 0
    for kind, token in _tokens(text):
        if kind == "bad" or (kind == "text" and "\\" in token):
            return f"`{token}` cannot be in a condition"
        if kind == "word" and token.lower() in _FORBIDDEN:
            return f"a condition looks at one row: no `{token}` in it"
        depth += (kind == "open") - (kind == "close")
        if depth < 0:
            return "a parenthesis is closed that was not opened"
    return "a parenthesis is not closed" if depth else "" if text.strip() else "it is empty"


def columns_in(text: str, shape: Shape) -> frozenset[str]:
    """Return the columns that a condition may name: every column whose name is a word in it."""
    words = {
        token[1:-1].replace('""', '"') if kind == "quoted" else token.lower()
        for kind, token in _tokens(text)
        if kind in {"quoted", "word"}
    }
    return frozenset(column.name for column in shape.columns if column.name in words)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(text):
        yield match.lastgroup or "other", match[0]
