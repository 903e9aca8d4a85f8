"""The files of what holds for each slice, and of who has written.

    slices/NAME         the line (standing.py)
    wrote/NAME/marks    a table of users: at each one's place the moment of the last write (8 bytes)

They are Envoy's to read from its first request on, and say more than its configuration: a request
that has waited in Envoy for anything is steered by what they say when it goes on.

Marks are Envoy's alone to write (slice.lua). The table is as large as it will ever be, and holes
take no room: nothing has to be removed. A user who falls on another's place reads from the monolith
for as long as the other.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import psutil

from matapalo.edge.resources.steering import MARKS
from matapalo.edge.split import Wanted
from matapalo.edge.standing import Moment, Standing

BYTES = 8
"""Of one mark."""


class Standings:
    """What holds for every slice of a blueprint, on one edge."""

    def __init__(self, folder: Path, slices: Iterable[str]) -> None:
        self._lines = folder / "slices"
        self._wrote = folder / "wrote"
        self._now: dict[str, Standing] = dict.fromkeys(sorted(slices), Standing())

    def begin(self, wanted: Wanted) -> None:
        """Put every file in place. One that is there is as new as what is remembered, or newer."""
        self._lines.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget_others()
        for name in self._now:
            found = self._found(name)
            if found.version < wanted.version:
                found = found.obeying(wanted.split(name), wanted.version, moment())
            self._put(name, found)

    def obey(self, wanted: Wanted) -> None:
        """Put in force what is wanted, unless what is in force is newer."""
        now = moment()
        for name, before in self._now.items():
            if before.version < wanted.version:
                self._change(name, before.obeying(wanted.split(name), wanted.version, now))

    def restore(self, wanted: Wanted) -> None:
        """Put in force again what was before."""
        now = moment()
        for name, before in self._now.items():
            self._change(name, before.obeying(wanted.split(name), wanted.version, now))

    def passed(self, name: str, at: Moment) -> None:
        """Say that the new side has everything that was written before a moment."""
        if self._now[name].since is not None:
            self._change(name, replace(self._now[name], passed=at))

    def marking(self) -> frozenset[str]:
        """Return the slices whose users are marked when they write."""
        return frozenset(name for name, now in self._now.items() if now.since is not None)

    def _change(self, name: str, after: Standing) -> None:
        """Another version alone is no reason to write: most slices stay as they are."""
        if replace(self._now[name], version=after.version) == after:
            self._now[name] = after
        else:
            self._put(name, after)

    def _put(self, name: str, after: Standing) -> None:
        if after.since is not None and self._now[name].since is None:
            _lay_table(self._marks(name))
        _write_over(self._lines / name, after.line())
        self._now[name] = after

    def _marks(self, name: str) -> Path:
        return self._wrote / name / "marks"

    def _found(self, name: str) -> Standing:
        """What an edge before this one left. Marks of before the machine's start may be lost."""
        file = self._lines / name
        found = (Standing.read(file.read_text()) if file.exists() else None) or Standing()
        if found.since is None:
            return found
        lost = found.since < psutil.boot_time() * 1000 or not self._marks(name).exists()
        return found.unmarked(moment()) if lost else found

    def _forget_others(self) -> None:
        for file in self._lines.glob("*"):
            if file.name not in self._now:
                file.unlink()


def _lay_table(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as table:
        table.truncate(MARKS * BYTES)


def _write_over(path: Path, line: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, line.encode(), 0)
    finally:
        os.close(file)


def moment() -> Moment:
    """Return this moment on this edge's clock."""
    return time.time_ns() // 1_000_000
