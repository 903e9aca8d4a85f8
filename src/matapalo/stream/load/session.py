"""Sessions with a target in which rows are put, and nothing happens because of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from matapalo.errors import StreamBusy
from matapalo.stream.database import Connection, connect, place, told
from matapalo.stream.guard import admission
from matapalo.stream.names import Stream


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


def quiet(connection: Connection, stream: Stream) -> bool:
    """Say that this session belongs to a stream; return whether triggers and foreign keys rest."""
    connection.execute(admission(stream.on_server))
    try:
        connection.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.Error as error:
        raise told(error, place(connection)) from None
    return True


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
