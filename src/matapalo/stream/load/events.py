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
    """Since this attempt began, as the rows are."""
    expected: int
    """An estimate of the rows that were left when it began."""
    ranges: int
    """How many ranges are loaded, those of earlier attempts included."""
    of: int
    """Of how many in all."""

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.ranges} of {self.of} ranges"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A server did not answer, or a snapshot was of no use; the load goes on after a while."""

    what: str
    wait: float
    """Seconds."""

    def __str__(self) -> str:
        return f"{self.what}; again in {self.wait:.1f} s"


@dataclass(frozen=True, slots=True)
class Copied:
    """Every row is there."""

    slot: Lsn
    """As of when, which is where the stream begins."""

    def __str__(self) -> str:
        return f"copied, as of {written(self.slot)}"


Event = Doing | Progress | Trouble | Copied
