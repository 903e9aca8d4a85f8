"""Pinning: one moment of both sides, while both are written.

    hold the stream ▸ slot on the source: its snapshot is the content at position L
    ▸ let the stream go on to L ▸ snapshot on the target ▸ let go

A temporary slot is the one way to learn a position together with a snapshot: what is visible in
the snapshot is exactly what was committed before that position. The slot waits for transactions
that are open when it is made.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from psycopg import sql

from matapalo.errors import CannotPin, DatabaseSilent
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.health import beat
from matapalo.stream.hold import held
from matapalo.stream.names import Stream, identifier
from matapalo.stream.verify.side import Side

LEASE = 60.0
"""The longest that a stream is held for a comparison, in seconds."""
_SLOT = "CREATE_REPLICATION_SLOT {} TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT"


@dataclass(frozen=True, slots=True)
class Moment:
    """Both ends of a stream at one position of its source's log."""

    source: Side
    target: Side
    position: str


@contextmanager
def pinned(
    source: str, target: str, stream: Stream, *, sessions: int = 2, lease: float = LEASE
) -> Iterator[Moment]:
    """Give both ends of a running stream at one moment. `source` and `target` are the stream's.

    Raises CannotPin, DatabaseSilent or DatabaseRefused.
    """
    with ExitStack() as sides:
        with (
            connect(target, application="matapalo verify") as asking,
            connect(source, application="matapalo verify", replication=True) as slot,
            held(asking, stream, lease=lease) as hold,
        ):
            position, snapshot = _moment(slot, lease)
            one = sides.enter_context(Side(source, snapshot=snapshot, sessions=sessions))
            # The stream knows that it is at the position when it sees something beyond.
            with connect(source, application="matapalo verify") as beating:
                beat(beating)
            hold.until(position)
            other = sides.enter_context(Side(target, sessions=sessions))
            hold.end()
        yield Moment(one, other, position)


def _moment(slot: Connection, lease: float) -> tuple[str, str]:
    """Return a position of the log, and the snapshot of all that was committed before it."""
    name = identifier(f"matapalo_verify_{secrets.token_hex(8)}")
    with _at_most(slot, lease), answers(slot):
        row = slot.execute(sql.SQL(_SLOT).format(name)).fetchone()
    if row is None:
        raise CannotPin("the source makes a slot and does not say where")
    return str(row[1]), str(row[2])


@contextmanager
def _at_most(session: Connection, seconds: float) -> Iterator[None]:
    """End a statement that takes longer: a slot waits for every transaction that is open."""
    timer = threading.Timer(seconds, session.cancel_safe)
    timer.start()
    try:
        yield
    except DatabaseSilent as error:
        if timer.is_alive():
            raise
        raise CannotPin(
            f"a transaction on the source has been open for {seconds:g} s",
            hint="A comparison waits for those that were open when it began.",
        ) from error
    finally:
        timer.cancel()
