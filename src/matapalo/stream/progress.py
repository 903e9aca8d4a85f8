"""How far a stream has come: a row on the target, written in the transaction that carries the rows.

    target's transaction:  rows ▸ progress ▸ receipts ▸ commit ──▶ only then the slot is confirmed

A replication origin is no such record: it moves on even if the transaction is rolled back.
"""

from dataclasses import dataclass
from datetime import datetime

from matapalo.errors import StreamBusy, UnknownStream
from matapalo.stream.database import Connection, answers
from matapalo.stream.lsn import Lsn, written
from matapalo.stream.names import Stream
from matapalo.stream.schema import ensure_schema

FENCE = "matapalo.fence"
"""The prefix of a logical message that asks for a receipt; its content is the fence's name."""

_TABLES = (
    """CREATE TABLE IF NOT EXISTS matapalo.progress (
           stream text PRIMARY KEY,
           lsn pg_lsn NOT NULL,        -- every transaction that ends before it is applied
           commit_at timestamptz,      -- when the last of them was committed on the source
           at timestamptz NOT NULL DEFAULT clock_timestamp(),
           transactions int8 NOT NULL DEFAULT 0,
           rows int8 NOT NULL DEFAULT 0
       ) WITH (fillfactor = 20)""",  # so that the row is updated in place
    """CREATE TABLE IF NOT EXISTS matapalo.receipt (
           stream text NOT NULL,
           fence text NOT NULL,
           lsn pg_lsn NOT NULL,        -- where the fence stands in the source's log
           at timestamptz NOT NULL DEFAULT clock_timestamp(),
           PRIMARY KEY (stream, fence)
       )""",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream has come."""

    position: Lsn
    """Every transaction of the source that ends before it is applied."""
    commit_at: datetime | None = None
    """When the last of them was committed on the source; None before the first."""
    at: datetime | None = None
    transactions: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """By how much a stream goes on."""

    since: Lsn
    position: Lsn
    commit_at: float | None
    """Seconds since 1970; None leaves it as it was."""
    transactions: int
    rows: int


def install(target: Connection) -> None:
    """Create the tables if they are missing."""
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.receipt')").fetchone() != (None,):
            return
        ensure_schema(target)
        for table in _TABLES:
            target.execute(table.encode())


def begin(target: Connection, stream: Stream, position: Lsn) -> None:
    """Say where a stream begins, in the transaction that ends the load, or before it."""
    with answers(target):
        target.execute(
            """INSERT INTO matapalo.progress (stream, lsn) VALUES (%s, %s)
               ON CONFLICT (stream) DO UPDATE SET lsn = excluded.lsn, commit_at = NULL,
                   at = clock_timestamp(), transactions = 0, rows = 0""",
            [stream.on_server, written(position)],
        )


def read(target: Connection, stream: Stream) -> Progress:
    """Return how far a stream has come. Raises UnknownStream where it never began."""
    with answers(target):
        row = target.execute(
            """SELECT (lsn - '0/0')::int8, commit_at, at, transactions, rows
               FROM matapalo.progress WHERE stream = %s""",
            [stream.on_server],
        ).fetchone()
    if row is None:
        raise UnknownStream(
            f"the stream {stream} has not begun on this target", hint="Load its tables first."
        )
    return Progress(*row)


def advance(target: Connection, stream: Stream, step: Step) -> None:
    """Go on, within the transaction that carries the rows.

    Raises StreamBusy where another process has gone on meanwhile: two would double every change.
    """
    with answers(target):
        moved = target.execute(
            """UPDATE matapalo.progress
               SET lsn = %s, commit_at = coalesce(to_timestamp(%s), commit_at),
                   at = clock_timestamp(), transactions = transactions + %s, rows = rows + %s
               WHERE stream = %s AND lsn = %s""",
            [
                written(step.position),
                step.commit_at,
                step.transactions,
                step.rows,
                stream.on_server,
                written(step.since),
            ],
        )
    if moved.rowcount != 1:
        raise StreamBusy(
            f"another process works on the stream {stream}, or it was loaded anew",
            hint="One process follows a stream. End the other one.",
        )


def give_receipt(target: Connection, stream: Stream, fence: str, position: Lsn) -> None:
    """Note that a fence has been passed, within the transaction that passes it."""
    with answers(target):
        target.execute(
            """INSERT INTO matapalo.receipt (stream, fence, lsn) VALUES (%s, %s, %s)
               ON CONFLICT (stream, fence) DO NOTHING""",
            [stream.on_server, fence, written(position)],
        )


def passed(target: Connection, stream: Stream, fence: str) -> bool:
    """Return whether everything that was committed before a fence has been applied."""
    with answers(target):
        found = target.execute(
            "SELECT FROM matapalo.receipt WHERE stream = %s AND fence = %s",
            [stream.on_server, fence],
        )
        return found.rowcount > 0


def put_fence(source: Connection, fence: str) -> None:
    """Set a fence: what was committed before it is on the target once it is `passed`."""
    with answers(source):
        source.execute("SELECT pg_logical_emit_message(true, %s, %s)", [FENCE, fence])


def tidy(target: Connection, stream: Stream) -> None:
    """Throw away receipts that nobody waits for any more."""
    with answers(target):
        target.execute(
            "DELETE FROM matapalo.receipt"
            " WHERE stream = %s AND at < clock_timestamp() - interval '1 h'",
            [stream.on_server],
        )


def forget(target: Connection, stream: Stream) -> None:
    """Remove all that is known of a stream's progress."""
    with answers(target), target.transaction():
        for table in ("progress", "receipt"):
            target.execute(
                f"DELETE FROM matapalo.{table} WHERE stream = %s".encode(),  # noqa: S608 - our own two names
                [stream.on_server],
            )
