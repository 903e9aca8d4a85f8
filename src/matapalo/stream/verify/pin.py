"""Pinning: one moment of both sides, while both are written.

    hold the stream ▸ slot on the source: its snapshot is the content at position L
    ▸ let the stream go on to L ▸ snapshot on the target ▸ let go

A temporary slot is the one way to learn a position together with a snapshot: what is visible in
the snapshot is exactly what was committed before that position. The slot waits for transactions
that are open when it is made.
"""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from matapalo.errors import CannotPin, DatabaseRefused
from matapalo.stream.database import connect
from matapalo.stream.health import beat
from matapalo.stream.hold import Hold, held
from matapalo.stream.lsn import Lsn
from matapalo.stream.names import Stream
from matapalo.stream.snapshot import Snapshot, with_slot
from matapalo.stream.verify.side import Side

LEASE = 60.0
"""The longest that a stream is held for a comparison, in seconds."""
_NAME = "matapalo verify"


@dataclass(frozen=True, slots=True)
class Ends:
    """A stream, and the URLs of what it reads and writes."""

    stream: Stream
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Both ends of a stream at one position of its source's log."""

    source: Side
    target: Side
    position: Lsn


@contextmanager
def pinned(ends: Ends, *, sessions: int = 2, lease: float = LEASE) -> Iterator[Moment]:
    """Give both ends of a running stream at one moment.

    Raises CannotPin, DatabaseSilent or DatabaseRefused.
    """
    with ExitStack() as sides:
        with ExitStack() as holding:
            moment, hold = _pin(holding, sides, ends, sessions, lease)
            hold.end()
        yield moment


@contextmanager
def still(ends: Ends, *, lease: float = LEASE) -> Iterator[tuple[Moment, Hold]]:
    """Give both ends at one moment, and the stream at a standstill there while the block runs.

    Raises CannotPin, DatabaseSilent or DatabaseRefused.
    """
    with ExitStack() as everything:
        yield _pin(everything, everything, ends, 1, lease)


def _pin(
    holding: ExitStack, sides: ExitStack, ends: Ends, sessions: int, lease: float
) -> tuple[Moment, Hold]:
    beating = holding.enter_context(connect(ends.source, application=_NAME))
    asking = holding.enter_context(connect(ends.target, application=_NAME))
    hold = holding.enter_context(held(asking, ends.stream, lease=lease))
    moment = holding.enter_context(_moment(ends.source, lease))
    one = sides.enter_context(Side(ends.source, snapshot=moment.name, sessions=sessions))
    # The stream knows that it has come to the position when it sees something beyond.
    beat(beating)
    hold.until(moment.lsn)
    other = sides.enter_context(Side(ends.target, sessions=sessions))
    return Moment(one, other, moment.lsn), hold


@contextmanager
def _moment(source: str, patience: float) -> Iterator[Snapshot]:
    name = f"matapalo_verify_{secrets.token_hex(8)}"
    try:
        with with_slot(_impatient(source, patience), name, application=_NAME, temporary=True) as at:
            yield at
    except DatabaseRefused as error:
        if "lock timeout" not in error.what:
            raise
        raise CannotPin(
            f"a transaction on the source has been open for {patience:g} s",
            where=error.where,
            hint="A comparison waits for those that were open when it began.",
        ) from error


def _impatient(url: str, seconds: float) -> str:
    """A slot waits for every transaction that is open; this bounds it."""
    given = conninfo_to_dict(url).get("options") or ""
    return make_conninfo(url, options=f"{given} -c lock_timeout={seconds:.0f}s".strip())
