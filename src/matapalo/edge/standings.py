"""The files of what holds for each slice, and the folders of those who have written.

    slices/NAME               the line (standing.py), replaced whole
    wrote/NAME/GENERATION/*   a file a user, written by Envoy; let go a generation at a time

They are Envoy's to read from its first request on, and say more than its configuration: a request
that has waited in Envoy for anything is steered by what they say when it goes on.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace as changed
from pathlib import Path

import psutil

from matapalo.edge.files import replace
from matapalo.edge.split import Wanted
from matapalo.edge.standing import Moment, Standing


class Standings:
    """What holds for every slice of a blueprint, on one edge."""

    def __init__(self, folder: Path, slices: Iterable[str]) -> None:
        self._lines = folder / "slices"
        self._wrote = folder / "wrote"
        self._now: dict[str, Standing] = dict.fromkeys(sorted(slices), Standing())

    def begin(self, wanted: Wanted) -> None:
        """Put every file in place. One that is there is as new as what is remembered, or newer."""
        for file in self._lines.glob("*"):
            if file.name not in self._now:
                file.unlink()
        for name in self._now:
            found = self._found(name)
            if found is None or found.version < wanted.version:
                before = found or Standing()
                self._put(name, before.obeying(wanted.split(name), wanted.version, moment()))
            else:
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
        before = self._now[name]
        if before.marks:
            self._change(name, before.having_passed(at, moment()))

    def marking(self) -> Mapping[str, Standing]:
        """Return the slices whose users are marked when they write."""
        return {name: now for name, now in self._now.items() if now.marks}

    def let_go(self) -> list[Path]:
        """Return the generations whose marks count no more, for somebody to remove."""
        return [
            generation
            for name, now in self._now.items()
            for generation in (self._wrote / name).glob("*")
            if generation.name not in (str(now.young), str(now.old))
        ]

    def _change(self, name: str, after: Standing) -> None:
        """The version alone is no reason to write: most slices stay as they are."""
        before = self._now[name]
        if (before.line().rpartition(" ")[0]) == (after.line().rpartition(" ")[0]):
            self._now[name] = after
        else:
            self._put(name, after)

    def _put(self, name: str, after: Standing) -> None:
        if after.young is not None:
            young = self._wrote / name / str(after.young)
            young.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(self._lines / name, after.line(), durable=False)
        self._now[name] = after

    def _found(self, name: str) -> Standing | None:
        """What an edge before this one left. Marks of before the machine's start may be lost."""
        file = self._lines / name
        found = Standing.read(file.read_text()) if file.exists() else None
        if found and found.young and found.young < psutil.boot_time() * 1000:
            return changed(found, passed=None, young=moment(), old=None)
        return found


def moment() -> Moment:
    """Return this moment on this edge's clock."""
    return time.time_ns() // 1_000_000
