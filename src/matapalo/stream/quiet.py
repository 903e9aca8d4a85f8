"""Quiet sessions: rows are put into a target, and nothing else happens because of them."""

import psycopg

from matapalo.stream.database import Connection, place, told
from matapalo.stream.guard import admission
from matapalo.stream.names import Stream


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
