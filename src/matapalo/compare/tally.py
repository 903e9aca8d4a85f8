"""Counting what comparisons find, in a room that does not grow."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from matapalo.compare.report import (
    EXAMPLES,
    GROUPS,
    Difference,
    Example,
    Kind,
    Skip,
    SliceComparisons,
    ordered,
)

Group = tuple[str, Kind, str]
"""Route, kind, path."""


@dataclass(slots=True)
class _Seen:
    count: int = 0
    examples: deque[Example] = field(default_factory=lambda: deque(maxlen=EXAMPLES))


class Tally:
    """The counts of one slice since the process began."""

    def __init__(self) -> None:
        self._compared = 0
        self._mismatched = 0
        self._skipped: Counter[Skip] = Counter()
        self._seen: dict[Group, _Seen] = {}
        self._further = 0

    def skip(self, why: Skip) -> None:
        """Count a request that was not compared."""
        self._skipped[why] += 1

    def count(self, found: Iterable[tuple[Group, Example]]) -> None:
        """Count one answer, and each of its differences once a group."""
        self._compared += 1
        groups = dict(reversed([*found]))
        self._mismatched += bool(groups)
        for group, example in groups.items():
            self._note(group, example)

    def report(self) -> SliceComparisons:
        """Return the counts as they are."""
        return SliceComparisons(
            compared=self._compared,
            mismatched=self._mismatched,
            skipped=dict(sorted(self._skipped.items())),
            differences=ordered(
                Difference(
                    route=route, kind=kind, path=path, count=seen.count, examples=(*seen.examples,)
                )
                for (route, kind, path), seen in self._seen.items()
            ),
            further=self._further,
        )

    def _note(self, group: Group, example: Example) -> None:
        """The group that was met the longest ago gives way: what is wrong now is of more use."""
        seen = self._seen.pop(group, None) or _Seen()
        if len(self._seen) == GROUPS:
            oldest = next(iter(self._seen))
            self._further += self._seen.pop(oldest).count
        seen.count += 1
        seen.examples.appendleft(example)
        self._seen[group] = seen
