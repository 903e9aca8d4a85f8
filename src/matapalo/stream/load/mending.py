"""Mending: rows that an earlier attempt has loaded are brought to the present snapshot.

    rows as of a snapshot that is gone ──compare──▶ those that differ ──mend──▶ as of this snapshot

Whatever a log says of a row presumes the row before: rows of two moments cannot be brought together
by reading it twice. What did not change in between is not moved again.
"""

from collections.abc import Iterator
from contextlib import ExitStack
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
    """The servers' URLs, the moment at which the source is right, and a session to write in."""

    source: str
    target: str
    snapshot: Snapshot
    writing: Connection


def mended(ends: Ends, flow: Flow, *, sessions: int) -> Iterator[int]:
    """Put the rows of one flow's target right; yield how many were, as it goes on.

    Every row of the flow has to be loaded, as of whatever moment. Raises TableRewritten where the
    source's table cannot be read as of the snapshot any more.
    """
    with ExitStack() as sides:
        right = sides.enter_context(
            Side(ends.source, snapshot=ends.snapshot.name, sessions=sessions)
        )
        loaded = sides.enter_context(Side(ends.target, sessions=sessions))
        comparison = Comparison(flow, right, loaded)
        differing = comparison.differing()
        while some := list(islice(differing, _AT_ONCE)):
            writing = ends.writing
            with answers(writing), writing.transaction(), writing.pipeline():
                for one in mend(flow, some, moment_of=right, forward=True):
                    writing.execute(one.sql, one.values)
            yield len(some)
        comparison.check()
