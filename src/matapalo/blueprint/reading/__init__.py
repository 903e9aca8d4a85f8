"""From text to a typed blueprint, with the place of everything kept on the way.

    text ─parse─▶ tree ─overlay─▶ tree ─variables─▶ tree ─validate─▶ Blueprint
                                   │                         │
                                   └ leaks: secrets          └ explain: what is wrong,
                                     that are written out      where, and what is right

A tree holds text only: whether `8080` is a number is decided by the field that it fills, so that
`version: 1.10` keeps its zero and an account id keeps the zeros that it begins with.

Every step returns the problems that it found beside its result; nothing here raises for a mistake
in a blueprint, and nothing here touches a file.
"""

from matapalo.blueprint.reading.leaks import find_leaks
from matapalo.blueprint.reading.overlay import merged, take_overlays
from matapalo.blueprint.reading.parse import parse
from matapalo.blueprint.reading.tree import Loc, Mapping, Node, path_text, place_of, plain
from matapalo.blueprint.reading.validate import validated
from matapalo.blueprint.reading.variables import filled

__all__ = [
    "Loc",
    "Mapping",
    "Node",
    "filled",
    "find_leaks",
    "merged",
    "parse",
    "path_text",
    "place_of",
    "plain",
    "take_overlays",
    "validated",
]
