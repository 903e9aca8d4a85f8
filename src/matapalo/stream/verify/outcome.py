"""What a comparison found."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with a row of the target."""

    MISSING = "missing"
    """The source has it, the target has not."""
    EXTRA = "extra"
    """The target has it, the source has not."""
    DIFFERENT = "different"
    """Both have it, and its content differs."""


@dataclass(frozen=True, order=True, slots=True)
class Difference:
    """A row that differs. It holds the row's key, so it is for people and plans, not for logs."""

    key: tuple[str, ...]
    """As text, in the order of the key's columns."""
    fault: Fault
    columns: tuple[str, ...] = ()
    """Which columns of the target differ, where both sides have the row."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One flow, compared."""

    flow: str
    source_rows: int
    target_rows: int
    differences: tuple[Difference, ...]
    complete: bool
    """Whether every row that differs is named; there may be more where not."""
    seconds: float

    @property
    def equal(self) -> bool:
        """Whether both sides hold the same."""
        return not self.differences and self.complete


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every flow of a stream, compared at one moment of both sides."""

    compared: tuple[Compared, ...]
    pinned: str
    """The position in the source's log that both sides were compared at; empty where they were
    read as they were."""

    @property
    def equal(self) -> bool:
        """Whether both sides hold the same."""
        return all(one.equal for one in self.compared)
