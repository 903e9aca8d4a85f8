"""Mending: rows that an earlier attempt has loaded are brought to the present snapshot.

    rows as of a snapshot that is gone ──compare──▶ those that differ ──mend──▶ as of this snapshot

Whatever a log says of a row presumes the row before: rows of two moments cannot be brought together
by reading it twice. What did not change in between is not moved again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from matapalo.stream.database import Connection, answers
from matapalo.stream.mapping import Flow
from matapalo.stream.snapshot import Snapshot
from matapalo.stream.verify.compare import Comparison
from matapalo.stream.verify.mend import mend
from matapalo.stream.verify.side import Side

_AT_ONCE = 1000
"""How many rows are put right in one transaction."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The source at the moment at which it is right, what was loaded, and a session to write in."""

    right: Side
    loaded: Side
    writing: Connection


@contextmanager
def ends(
    source: str, target: str, snapshot: Snapshot, writing: Connection, *, sessions: int
) -> Iterator[Ends]:
    """Open both ends (URLs), once for all flows: connecting costs more than a small table does."""
    with (
        Side(source, snapshot=snapshot.name, sessions=sessions) as right,
        Side(target, sessions=sessions) as loaded,
    ):
        yield Ends(right, loaded, writing)


def mended(ends: Ends, flow: Flow) -> Iterator[int]:
    """Put the rows of one flow's target right; yield how many were, as it goes on.

    Every row of the flow has to be loaded, as of whatever moment. Raises TableRewritten where the
    source's table cannot be read as of the snapshot any more.
    """
    ends.loaded.renew()
    comparison = Comparison(flow, ends.right, ends.loaded)
    differing = comparison.differing()
    while some := list(islice(differing, _AT_ONCE)):
        writing = ends.writing
        with answers(writing), writing.transaction(), writing.pipeline():
            for one in mend(flow, some, moment_of=ends.right, forward=True):
                writing.execute(one.sql, one.values)
        yield len(some)
    comparison.check()
