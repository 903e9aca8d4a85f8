"""What is said in a source's log, and what a stream makes of it, in the transaction around it.

matapalo.heartbeat   the stream's row learns how far the source's transactions were
matapalo.refused     `matapalo.refused` gets a row: who met a closed table of the source
"""

from collections.abc import Callable, Mapping

from matapalo.stream import guard, health
from matapalo.stream.database import Connection, answers
from matapalo.stream.lsn import written
from matapalo.stream.names import Stream
from matapalo.stream.pgoutput import Mark
from matapalo.stream.schema import ensure_schema

Hear = Callable[[Connection, Mark], None]

_TABLE = """
CREATE TABLE IF NOT EXISTS matapalo.refused (
    stream text NOT NULL,
    lsn pg_lsn NOT NULL,       -- where the message stands in the log, which may be read again
    at timestamptz NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    slice text NOT NULL,
    user_name text NOT NULL,
    application text NOT NULL,
    address text NOT NULL,
    PRIMARY KEY (stream, lsn)
)
"""


def install(target: Connection) -> None:
    """Create the table if it is missing."""
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.refused')").fetchone() == (None,):
            ensure_schema(target)
            target.execute(_TABLE)


def hearing(stream: Stream) -> Mapping[str, Hear]:
    """Return what a stream does about each kind of message."""

    def heartbeat(target: Connection, mark: Mark) -> None:
        if (beat := health.heartbeat(mark.content)) is not None:
            target.execute(
                "UPDATE matapalo.stream SET heartbeat = %s,"
                " heartbeat_at = to_timestamp(%s / 1000000.0) WHERE stream = %s",
                [beat.following, beat.at, stream.on_server],
            )

    def refusal(target: Connection, mark: Mark) -> None:
        if told := guard.refused(mark.content):
            target.execute(
                "INSERT INTO matapalo.refused VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                [stream.on_server, written(mark.position), told.at, str(told.name), told.operation,
                 told.slice, told.user, told.application, told.address or ""],
            )  # fmt: skip

    return {health.HEARTBEAT: heartbeat, guard.REFUSED: refusal}


def forget(target: Connection, stream: Stream) -> None:
    """Remove what was heard."""
    with answers(target):
        target.execute("DELETE FROM matapalo.refused WHERE stream = %s", [stream.on_server])
