"""Whether what was renamed is found again: by one name only."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from matapalo.blueprint.checks.finding import Finding
from matapalo.blueprint.reading.tree import Loc

CHOOSE = "take one of them away"


class Renamed(Protocol):
    """What may have been called otherwise."""

    @property
    def formerly(self) -> tuple[str, ...]:
        """Its former names, the oldest first."""


def taken(things: Mapping[str, Renamed], noun: str) -> dict[str, str]:
    """Return who has a name, or had it, as a sentence, by name."""
    seen = _now(things, noun)
    for name, thing in things.items():
        for old in thing.formerly:
            seen.setdefault(old, f"the {noun} {name} was called so")
    return seen


def former(things: Mapping[str, Renamed], noun: str, loc: Loc) -> Iterator[Finding]:
    """Yield former names that something else has, or had."""
    seen = _now(things, noun)
    for name, thing in things.items():
        for index, old in enumerate(thing.formerly):
            if old in seen:
                yield Finding((*loc, name, "formerly", index), seen[old], CHOOSE)
            seen.setdefault(old, f"the {noun} {name} was called so")


def _now(things: Mapping[str, Renamed], noun: str) -> dict[str, str]:
    return {name: f"the {noun} {name} is called so now" for name in things}
