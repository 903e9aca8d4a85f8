"""JSON paths: which places of a JSON document a person means.

    $.items[*].at    ─parse─▶  key items · any index · key at
    $..id            ─parse─▶  id, however deep
    $['odd name'].*  ─parse─▶  key `odd name` · any key

They are the part of RFC 9535 that names places without looking at values: no filters, slices or
negative indexes.
"""

import re
from dataclasses import dataclass
from typing import Literal

_NAME = r"[\w$@-]+"
_STEP = re.compile(
    rf"\.\.(?P<deep>{_NAME})"
    rf"|\.(?P<any_key>\*)"
    rf"|\.(?P<key>{_NAME})"
    r"|\[(?P<index>[0-9]{1,9})\]"
    r"|\[(?P<any_index>\*)\]"
    r"|\['(?P<single>[^']+)'\]"
    r'|\["(?P<double>[^"]+)"\]'
)

HINT = "like `$.items[*].at`, `$.pages[0]`, `$..id`, `$.totals.*`, `$['odd name']`"

Place = tuple[str | int, ...]
"""One place in a document: keys and indexes on the way to it; empty is the whole document."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a path. `name` is a key's; `index` an item's."""

    kind: Literal["key", "any_key", "index", "any_index", "deep"]
    name: str = ""
    index: int = 0

    def takes(self, part: str | int) -> bool:
        """Whether it leads to this key or index."""
        if isinstance(part, int):
            return self.kind == "any_index" or (self.kind == "index" and self.index == part)
        return self.kind == "any_key" or (self.kind in {"key", "deep"} and self.name == part)


JsonPath = tuple[Step, ...]


def parse(text: str) -> JsonPath:
    """Return a path's steps. Raises ValueError, with a sentence for a person."""
    if not text.startswith("$"):
        raise ValueError("a JSON path begins with $")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f"`{text[at:]}` is no step of a JSON path")
        steps.append(_step(found))
        at = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    match found.lastgroup:
        case "index":
            return Step("index", index=int(found["index"]))
        case "any_key":
            return Step("any_key")
        case "any_index":
            return Step("any_index")
        case "deep":
            return Step("deep", found["deep"])
        case group:
            return Step("key", found[str(group)])


def covers(path: JsonPath, place: Place) -> bool:
    """Whether a path names a place, or something that the place is inside of."""
    if not path:
        return True
    if path[0].kind == "deep":
        return any(
            path[0].takes(part) and covers(path[1:], place[index + 1 :])
            for index, part in enumerate(place)
        )
    return bool(place) and path[0].takes(place[0]) and covers(path[1:], place[1:])
