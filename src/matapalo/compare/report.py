"""What the comparison tells the conductor: how many answers it compared, and what differed."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

GROUPS = 50
"""Differences of a slice that are told apart."""
EXAMPLES = 3
"""Examples of each."""

Kind = Literal[
    "status", "header", "value", "type", "missing", "extra", "length", "body",
    "timeout", "refused", "broken",
]  # fmt: skip
"""What differs: the status; a header; a JSON value, its type, a key that the new side lacks or has
too many, a list's length; a body that is no JSON. Or there is nothing to compare: the new side did
not answer in time, takes no connections, or broke off."""

Skip = Literal["behind", "monolith", "unsteady", "unsendable"]
"""Why a request was not compared: too many at once; the monolith did not answer; it answered twice
with another status; the request cannot be asked again as it was."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Example(_Told):
    """One answer that differed. Values are masked unless the slice shows them."""

    asked: str
    """The request; of what is below the route's path, only how deep it is."""
    place: str
    """Where in the answer, with the indexes of lists."""
    monolith: str
    new: str


class Difference(_Told):
    """Answers that differed in the same way; `count` of them, the newest examples first."""

    route: str
    kind: Kind
    path: str
    """The header's name, or the JSON path with every index as `*`."""
    count: int
    examples: tuple[Example, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one with others."""
        return self.route, self.kind, self.path

    def minus(self, earlier: "Difference") -> "Difference":
        """Return what came after an earlier reading; a lower count began anew in between."""
        count = self.count - earlier.count if self.count >= earlier.count else self.count
        return self.model_copy(update={"count": count, "examples": self.examples[:count]})

    def plus(self, newer: "Difference") -> "Difference":
        """Return both together."""
        examples = (*newer.examples, *self.examples)[:EXAMPLES]
        return self.model_copy(update={"count": self.count + newer.count, "examples": examples})


class SliceComparisons(_Told):
    """What was compared of one slice since counting began."""

    compared: int = 0
    mismatched: int = 0
    """How many of them differ."""
    skipped: dict[Skip, int] = {}
    differences: tuple[Difference, ...] = ()
    """The most frequent first; one answer may count in several."""
    further: int = 0
    """Answers in differences beyond those that are told apart."""

    def minus(self, earlier: "SliceComparisons") -> "SliceComparisons":
        """Return what came after an earlier reading of the same process."""
        before = {one.key: one for one in earlier.differences}
        left = (
            one.minus(before[one.key]) if one.key in before else one for one in self.differences
        )
        return SliceComparisons(
            compared=self.compared - earlier.compared,
            mismatched=self.mismatched - earlier.mismatched,
            skipped={
                why: count - earlier.skipped.get(why, 0)
                for why, count in self.skipped.items()
                if count > earlier.skipped.get(why, 0)
            },
            differences=ordered(one for one in left if one.count),
            further=max(0, self.further - earlier.further),
        )

    def plus(self, newer: "SliceComparisons") -> "SliceComparisons":
        """Return what two processes have found together."""
        found = {one.key: one for one in self.differences}
        for one in newer.differences:
            found[one.key] = found[one.key].plus(one) if one.key in found else one
        kept = ordered(found.values())
        return SliceComparisons(
            compared=self.compared + newer.compared,
            mismatched=self.mismatched + newer.mismatched,
            skipped={
                why: self.skipped.get(why, 0) + newer.skipped.get(why, 0)
                for why in sorted({*self.skipped, *newer.skipped})
            },
            differences=kept[:GROUPS],
            further=self.further + newer.further + sum(one.count for one in kept[GROUPS:]),
        )


def ordered(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return differences, the most frequent first."""
    return tuple(sorted(differences, key=lambda one: (-one.count, one.key)))


class Comparisons(_Told):
    """One comparison's word: counts since its process began, about once a second."""

    epoch: str
    """Another process, another epoch."""
    slices: dict[str, SliceComparisons] = {}
