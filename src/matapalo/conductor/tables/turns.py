"""Turns: which move closed or opened a side last, written where the guard is, with the guard.

A conductor that was away, and has been replaced meanwhile, comes with an earlier turn than the one
that is written there, and changes nothing.
"""

from psycopg import sql

from matapalo.stream.database import Connection, answers
from matapalo.stream.names import literal
from matapalo.stream.schema import drop_schema, ensure_schema

TABLE = "turn"

_CREATE = """
CREATE TABLE matapalo.turn (
    slice text PRIMARY KEY,
    turn int8 NOT NULL   -- the ledger's number of the move
)
"""


def install(side: Connection) -> None:
    """Create the table if it is missing."""
    with answers(side):
        if not _is_there(side):
            ensure_schema(side)
            side.execute(_CREATE)


def take(slice_name: str, turn: int) -> sql.Composed:
    """Return the statement that takes a turn.

    It fails where a later one was taken: nothing may be NULL, and that is the only way to make a
    script of statements end there without a function of our own.
    """
    return sql.SQL(
        "INSERT INTO matapalo.turn AS last (slice, turn) VALUES ({slice}, {turn})"
        " ON CONFLICT (slice) DO UPDATE SET turn = CASE"
        " WHEN last.turn <= excluded.turn THEN excluded.turn END"
    ).format(slice=literal(slice_name), turn=sql.Literal(turn))


def forget(side: Connection, slice_name: str) -> None:
    """Remove what is known of a slice, and the table with the last of them."""
    with answers(side):
        if not _is_there(side):
            return
        side.execute("DELETE FROM matapalo.turn WHERE slice = %s", [slice_name])
        if not side.execute("SELECT 1 FROM matapalo.turn LIMIT 1").rowcount:
            side.execute("DROP TABLE matapalo.turn")
            drop_schema(side)


def _is_there(side: Connection) -> bool:
    return side.execute("SELECT to_regclass('matapalo.turn')").fetchone() != (None,)
