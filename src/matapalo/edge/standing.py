"""What holds for a slice's requests on this edge at this moment: one line in a file of its own.

    OWNER HOLD PASSED YOUNG OLD VERSION          `-` where there is nothing to say

OWNER    `monolith` or `new`: where writes go
HOLD     seconds that a write may wait: writes wait now
PASSED   the new side has every write that was answered before this moment
YOUNG    the generation that marks of users who write are put into; none: nobody is marked
OLD      the generation before it, whose marks may still count; none: who wrote before YOUNG is
         not known, so that everybody may have
VERSION  of the Wanted that it is of

Moments are milliseconds since 1970 on this edge's clock, and a generation is called by the moment
at which it began. slice.lua reads the line for every write, and for reads while they are divided.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

from matapalo.edge.split import Split

Owner = Literal["monolith", "new"]
Moment = int

MARGIN = 200
"""Milliseconds in which whoever has read the line of before may still act by it."""
TURN = 2000
"""Milliseconds that a generation lasts at least."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a slice. Everything at the monolith is the default."""

    owner: Owner = "monolith"
    hold: float = 0
    passed: Moment | None = None
    young: Moment | None = None
    old: Moment | None = None
    version: int = 0

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Return what a line says; nothing if it is none."""
        words = line.split()
        try:
            owner, hold, passed, young, old, version = words
            return cls(
                owner="new" if owner == "new" else "monolith",
                hold=0 if hold == "-" else float(hold),
                passed=_moment(passed),
                young=_moment(young),
                old=_moment(old),
                version=int(version),
            )
        except ValueError:
            return None

    def line(self) -> str:
        """Return the line."""
        hold = f"{self.hold:g}" if self.hold else "-"
        moments = (_word(moment) for moment in (self.passed, self.young, self.old))
        return " ".join((self.owner, hold, *moments, str(self.version))) + "\n"

    @property
    def marks(self) -> bool:
        """Whether users who write are marked."""
        return self.young is not None

    def obeying(self, split: Split, version: int, now: Moment) -> "Standing":
        """Return what holds by a split. Marks go on if there were any; else they begin now."""
        owner: Owner = "new" if split.writes_new else "monolith"
        told = Standing(owner=owner, hold=split.hold, version=version)
        if not split.read_own_writes or split.writes_new:
            return told
        if not self.marks:
            return replace(told, young=now)
        return replace(told, passed=self.passed, young=self.young, old=self.old)

    def having_passed(self, moment: Moment, now: Moment) -> "Standing":
        """Return what holds once the new side has everything of before a moment.

        Marks of before the young generation count no more then: they are let go, and the young
        one becomes the old one.
        """
        passed = replace(self, passed=moment)
        if self.young is None or moment < self.young + MARGIN or now < self.young + TURN:
            return passed
        return replace(passed, young=now, old=self.young)


def _moment(word: str) -> Moment | None:
    return None if word == "-" else int(word)


def _word(moment: Moment | None) -> str:
    return "-" if moment is None else str(moment)
