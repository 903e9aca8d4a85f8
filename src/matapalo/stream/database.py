"""Sessions with a source or a target, and what a server's errors say here.

No value of a row may reach a log or a person by an error. PostgreSQL puts values into an error's
DETAIL and CONTEXT, and for some kinds of error into its message: those are told by their kind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from matapalo.errors import DatabaseRefused, DatabaseSilent, StreamError

Connection = psycopg.Connection[Any]

_SETTINGS = {
    # Names are resolved by schema only, and values look the same on every server.
    "search_path": "pg_catalog",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    # Rows that a policy hides would be lost in silence; this makes it an error.
    "row_security": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "jit": "off",
    # A server must notice within seconds that a client's machine is gone.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# Likewise, where the server has it: a session waits, and a snapshot is held, for hours.
_WHERE_THERE_IS = b"""
SELECT set_config(name, '0', false)
FROM (VALUES ('idle_session_timeout'), ('transaction_timeout')) AS late(name)
WHERE current_setting(name, true) <> '0'
"""
_CLIENT: dict[str, str | int] = {
    "client_encoding": "utf-8",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

# Kinds of error (the first two characters of SQLSTATE) whose message may quote a row's value.
_TELLING = frozenset({"22", "P0", "P1", "38", "39", "HV", "XX"})


def connect(
    url: str, *, application: str = "matapalo", replication: bool = False, patience: int = 10
) -> Connection:
    """Open a session in which every statement is its own transaction, unless one is opened.

    With `replication` it also takes replication commands. `patience` is how long it may take, in
    seconds. Raises DatabaseSilent or DatabaseRefused.
    """
    given = conninfo_to_dict(url)
    options = f"{given.get('options') or ''} {_options()}".strip()
    more: dict[str, str | int] = {"connect_timeout": patience}
    if replication:
        more["replication"] = "database"
    with answers(url):
        connection = psycopg.connect(
            make_conninfo(
                url, **{**_CLIENT, **more}, options=options, application_name=application
            ),
            autocommit=True,
        )
        connection.execute(_WHERE_THERE_IS)
        return connection


@contextmanager
def answers(where: str | Connection) -> Iterator[None]:
    """Turn what PostgreSQL says into errors of ours, without passwords and without values."""
    try:
        yield
    except psycopg.Error as error:
        raise told(error, place(where)) from None


def told(error: psycopg.Error, where: str = "") -> StreamError:
    """Return an error of a server as one of ours: DatabaseSilent where the session is gone."""
    if error.sqlstate is None or error.sqlstate[:2] in {"08", "57"}:
        return DatabaseSilent(_without_values(error), where=where)
    return DatabaseRefused(_without_values(error), where=where)


def place(where: str | Connection) -> str:
    """Return which database it is: host, port and name, and no password."""
    if not isinstance(where, str):
        if where.closed:
            return ""
        info = where.info
        return f"{info.host}:{info.port}/{info.dbname}"
    given = conninfo_to_dict(where)
    return f"{given.get('host', '')}:{given.get('port', 5432)}/{given.get('dbname', '')}"


def _without_values(error: psycopg.Error) -> str:
    """Return what happened: the server's message, or its kind where that may quote a value."""
    diag = error.diag
    if error.sqlstate is None:
        return _first_line(str(error)) or type(error).__name__
    things = [diag.schema_name, diag.table_name, diag.column_name, diag.constraint_name]
    about = ".".join(thing for thing in things if thing)
    if error.sqlstate[:2] in _TELLING:
        what = f"{type(error).__name__} ({error.sqlstate})"
        return f"{what} at {about}" if about else what
    return diag.message_primary or type(error).__name__


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _options() -> str:
    return " ".join(f"-c {name}={_escaped(value)}" for name, value in _SETTINGS.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
