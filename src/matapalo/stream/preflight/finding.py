"""What preflight finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from matapalo.errors import PreflightFailed


class Level(StrEnum):
    """How much it matters."""

    STOP = "stop"
    """It cannot work like this."""
    WARN = "warn"
    """It works, and may hurt."""
    NOTE = "note"
    """Worth knowing."""


_ORDER = list(Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    level: Level
    what: str
    where: str
    """`source`, `target`, or a table on either."""
    hint: str = ""
    """What to do."""

    def __str__(self) -> str:
        text = f"{self.level}: {self.where}: {self.what}"
        return f"{text}\n  {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was found, the worst first."""

    found: tuple[Finding, ...]

    @classmethod
    def of(cls, found: Iterable[Finding]) -> Self:
        """Put them in order; what is found twice is told once."""
        unique = dict.fromkeys(found)
        return cls(tuple(sorted(unique, key=lambda finding: _ORDER.index(finding.level))))

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What has to be mended first."""
        return tuple(finding for finding in self.found if finding.level is Level.STOP)

    def check(self) -> None:
        """Raise PreflightFailed where something has to be mended first."""
        if self.stops:
            raise PreflightFailed(
                "nothing was touched: " + "; ".join(f"{f.where}: {f.what}" for f in self.stops),
                hint="\n  ".join(dict.fromkeys(f.hint for f in self.stops if f.hint)),
            )


def stop(what: str, where: str, hint: str = "") -> Finding:
    """Return a finding that has to be mended."""
    return Finding(Level.STOP, what, where, hint)


def warn(what: str, where: str, hint: str = "") -> Finding:
    """Return a finding that may hurt."""
    return Finding(Level.WARN, what, where, hint)


def note(what: str, where: str, hint: str = "") -> Finding:
    """Return a finding that is worth knowing."""
    return Finding(Level.NOTE, what, where, hint)
