"""What the decoder hands on: changes in the order of their commits."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from matapalo.stream.lsn import Lsn
from matapalo.stream.pgoutput.cells import Cells
from matapalo.stream.pgoutput.relation import Relation


class Kind(IntEnum):
    """What was done."""

    INSERT = ord("I")
    UPDATE = ord("U")
    PARTIAL = ord("P")
    """An update of which the log leaves out large values that did not change."""
    DELETE = ord("D")
    TRUNCATE = ord("T")


Change = tuple[int, Relation, Cells, Cells | None]
"""What was done (a `Kind`), to which table, the new row, and what the log has of the old one.

A delete's and a truncate's new row is empty; an insert has no old one, nor has an update that left
the identifying columns alone (unless the table's identity is FULL). A tuple and no class: there is
one for every row.
"""


class Commit(NamedTuple):
    """Where a transaction ends."""

    upto: int
    """How many changes of the batch there are before its end."""
    position: Lsn
    """Its end in the log."""
    at: int
    """When it was committed, in microseconds since the year 2000."""
    size: int
    """The bytes of all messages before its end, from the batch's beginning."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A logical message: something that a program wrote into the log, between the changes."""

    prefix: str
    content: bytes
    position: Lsn
    transactional: bool
    """Whether it belongs to a transaction; otherwise it is there even if that was rolled back."""
    after: int
    """How many commits of the batch there are before it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes in the order of their commits."""

    changes: Sequence[Change]
    commits: tuple[Commit, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the last transaction goes on in the next batch."""
        return len(self.changes) > (self.commits[-1].upto if self.commits else 0)

    def before(self, change: int) -> "Batch":
        """Return only the transactions that end before a change, given by its number."""
        count = bisect_right(self.commits, change, key=lambda commit: commit.upto)
        if not count:
            return Batch((), ())
        return Batch(
            self.changes[: self.commits[count - 1].upto],
            self.commits[:count],
            tuple(mark for mark in self.marks if mark.after < count),
        )
