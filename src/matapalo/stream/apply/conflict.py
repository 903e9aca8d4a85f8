"""Conflicts: rows that did not find the target as the log has it. They are kept, with their values.

missing   to be changed or deleted, and not there
present   to be inserted, and there
blocked   a unique value of its is another row's
outside   it has left what its table's condition says the stream is about
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matapalo.stream.batch import Key
from matapalo.stream.database import Connection, answers
from matapalo.stream.names import Stream
from matapalo.stream.pgoutput import Cells
from matapalo.stream.schema import ensure_schema


class Misfit(StrEnum):
    """What was wrong."""

    MISSING = "missing"
    PRESENT = "present"
    BLOCKED = "blocked"
    OUTSIDE = "outside"


class Outcome(StrEnum):
    """What was done about it."""

    INSERTED = "inserted"
    """The row is in the target now."""
    OVERWRITTEN = "overwritten"
    """The row is in the target now, and what was there is not."""
    LEFT_OUT = "left out"
    """The row is not in the target."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows of one table, or keys alone where the log has no more, that did not fit."""

    kind: Misfit
    outcome: Outcome
    rows: Sequence[Cells] = ()
    keys: Sequence[Key] = ()


_TABLE = """
CREATE TABLE IF NOT EXISTS matapalo.conflict (
    id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lsn pg_lsn NOT NULL,        -- after this position of the source's log
    schema_name text NOT NULL,
    table_name text NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    absent text[] NOT NULL,     -- columns that the log left out because they did not change
    key jsonb NOT NULL,
    row jsonb                   -- what came; null where only the key did
)
"""


def install(target: Connection) -> None:
    """Create the table if it is missing."""
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.conflict')").fetchone() == (None,):
            ensure_schema(target)
            target.execute(_TABLE.encode())


def count(target: Connection, stream: Stream) -> int:
    """Return how many rows of a stream did not fit."""
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.conflict')").fetchone() == (None,):
            return 0
        row = target.execute(
            "SELECT count(*) FROM matapalo.conflict WHERE stream = %s", [stream.on_server]
        ).fetchone()
    return int(row[0]) if row else 0


def forget(target: Connection, stream: Stream) -> None:
    """Remove the conflicts of a stream."""
    with answers(target):
        target.execute("DELETE FROM matapalo.conflict WHERE stream = %s", [stream.on_server])
