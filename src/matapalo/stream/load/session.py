"""Sessions of a load with its target."""

from collections.abc import Iterator
from contextlib import contextmanager

from matapalo.errors import StreamBusy
from matapalo.stream.database import Connection, connect
from matapalo.stream.names import Stream
from matapalo.stream.quiet import quiet


@contextmanager
def target_session(url: str, stream: Stream) -> Iterator[Connection]:
    """Open a session that the guard lets in, and whose rows start no trigger where it may say so.

    Commits are not waited for: a range and the note that it is loaded are lost together or not at
    all. The end of the load waits for all of them.
    """
    with connect(url, application=f"matapalo load {stream.name}") as connection:
        quiet(connection, stream)
        connection.execute("SET synchronous_commit = off")
        yield connection


def be_alone(connection: Connection, stream: Stream) -> None:
    """Take the lock of a stream's load, until the session ends. Raises StreamBusy.

    A server that lost its client lets go of the lock when it notices, which may take seconds.
    """
    key = f"matapalo load {stream.on_server}"
    held = connection.execute(b"SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
    if held.fetchone() != (True,):
        raise StreamBusy(
            f"another process loads {stream}", hint="Wait for it, or end it and try again."
        )
