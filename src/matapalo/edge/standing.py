"""What holds for a slice's requests on this edge at this moment: one line in a file of its own.

    OWNER HOLD PASSED SINCE VERSION CHECK          `-` where there is nothing to say

OWNER    `monolith` or `new`: where writes go
HOLD     seconds that a write may wait: writes wait now
PASSED   the new side has every write that was answered before this moment
SINCE    users who write are marked, and were from this moment on; none: nobody is marked
VERSION  of the Wanted that it is of
CHECK    of all that is before it

It is written over the line before, at one stroke: a new file in place of the old one would be a
matter of milliseconds on many file systems, and here requests wait for it. Who reads while it is
written, and sees something of both, sees by the check that he does.

Moments are milliseconds since 1970 on this edge's clock. slice.lua reads the line for every write,
and for reads while they are divided.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

from matapalo.edge.split import Split

Owner = Literal["monolith", "new"]
Moment = int

WIDTH = 96
"""Bytes of every line, so that one lies over the other."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a slice. Everything at the monolith is the default."""

    owner: Owner = "monolith"
    hold: float = 0
    passed: Moment | None = None
    since: Moment | None = None
    version: int = 0

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Return what a line says; nothing if it is none."""
        told, _, check = line.strip().rpartition(" ")
        if check != _check(told):
            return None
        try:
            owner, hold, passed, since, version = told.split()
            return cls(
                owner=_owner(owner),
                hold=0 if hold == "-" else float(hold),
                passed=None if passed == "-" else int(passed),
                since=None if since == "-" else int(since),
                version=int(version),
            )
        except ValueError:
            return None

    def line(self) -> str:
        """Return the line."""
        words = (self.owner, f"{self.hold:g}" if self.hold else "-", self.passed, self.since)
        told = " ".join("-" if word is None else str(word) for word in (*words, self.version))
        return f"{told} {_check(told)}".ljust(WIDTH - 1) + "\n"

    def obeying(self, split: Split, version: int, now: Moment) -> "Standing":
        """Return what holds by a split. Marks go on if there were any; else they begin now."""
        owner: Owner = "new" if split.writes_new else "monolith"
        told = Standing(owner=owner, hold=split.hold, version=version)
        if not split.read_own_writes or split.writes_new:
            return told
        if self.since is None:
            return replace(told, since=now)
        return replace(told, passed=self.passed, since=self.since)

    def unmarked(self, now: Moment) -> "Standing":
        """Return what holds where marks of before this moment are lost."""
        return self if self.since is None else replace(self, passed=None, since=now)


def _owner(word: str) -> Owner:
    if word == "new":
        return "new"
    if word == "monolith":
        return "monolith"
    raise ValueError(word)


def _check(text: str) -> str:
    value = 0
    for byte in text.encode():
        value = (value * 65599 + byte) & 0xFFFFFFFF
    return f"{value:08x}"
