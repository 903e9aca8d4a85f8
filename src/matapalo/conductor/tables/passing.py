"""Whether what was committed on the monolith, when somebody asked, is on the new side by now."""

from matapalo.conductor.data import Side
from matapalo.conductor.tables.desk import Sessions
from matapalo.errors import UnknownStream
from matapalo.stream import health, progress
from matapalo.stream.database import answers
from matapalo.stream.lsn import BEGINNING, Lsn
from matapalo.stream.names import Stream


def end_of_log(sessions: Sessions[Side]) -> Lsn:
    """Return a position that everything committed on the monolith by now ends before."""
    session = sessions[Side.MONOLITH]
    with answers(session):
        # What is committed can lie beyond all but the insert position.
        row = session.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8").fetchone()
    return Lsn(row[0]) if row else BEGINNING


def beat(sessions: Sessions[Side]) -> None:
    """Put something behind that position, so that the stream can come past it."""
    health.beat(sessions[Side.MONOLITH])


def has_come_to(sessions: Sessions[Side], stream: Stream, position: Lsn) -> bool:
    """Return whether the new side has everything that ends before a position."""
    session = sessions[Side.NEW]
    try:
        return progress.read(session, stream).position >= position
    except UnknownStream:
        return False
