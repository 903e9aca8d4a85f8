"""What a load tells of itself while it runs."""

from dataclasses import dataclass

from matapalo.stream.lsn import Lsn, written


@dataclass(frozen=True, slots=True)
class Doing:
    """What is done now."""

    what: str

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the copying is."""

    rows: int
    bytes: int
    """Since this process began."""
    expected: int
    """An estimate of the rows that there are in all."""
    ranges: int
    """How many ranges are loaded."""
    of: int

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.ranges} of {self.of} ranges"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A server did not answer; the load goes on after a while."""

    what: str
    wait: float
    """Seconds."""

    def __str__(self) -> str:
        return f"{self.what}; again in {self.wait:.1f} s"


@dataclass(frozen=True, slots=True)
class Copied:
    """Every row is there."""

    slot: Lsn
    """Where the stream begins."""
    consistent: Lsn
    """The target is consistent once the stream has passed this position."""

    def __str__(self) -> str:
        return f"copied, as of {written(self.consistent)}"


Event = Doing | Progress | Trouble | Copied
