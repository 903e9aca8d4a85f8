"""The book: what of a load is done, kept on the target next to the rows themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matapalo.stream.database import Connection, answers
from matapalo.stream.load.ranges import Range
from matapalo.stream.lsn import Lsn, parse, written
from matapalo.stream.names import Stream
from matapalo.stream.schema import ensure_schema

_TABLES = """
CREATE TABLE IF NOT EXISTS matapalo.load (
    stream text PRIMARY KEY,
    mapping text NOT NULL,     -- a fingerprint: another mapping is another load
    made text[] NOT NULL,      -- the tables that the load has made
    slot pg_lsn,               -- where the stream begins; all rows are as of here in the end
    begun timestamptz NOT NULL DEFAULT now(),
    copied timestamptz,        -- when they were
    ended timestamptz
);
CREATE TABLE IF NOT EXISTS matapalo.load_range (
    stream text NOT NULL REFERENCES matapalo.load ON DELETE CASCADE,
    flow int NOT NULL,
    number int NOT NULL,
    low text[],
    high text[],
    rows int8,                 -- how many were loaded; empty until they are
    PRIMARY KEY (stream, flow, number)
)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """How a load stands."""

    mapping: str
    made: tuple[str, ...]
    slot: Lsn | None
    """Where the stream begins; nothing before there is a snapshot."""
    copied: bool
    """Whether every row is there, as of that moment."""
    ended: bool
    """Whether indexes and foreign keys are made too."""


class Book:
    """One stream's load, on one session with the target."""

    def __init__(self, target: Connection, stream: Stream) -> None:
        self._target = target
        self._stream = stream.on_server

    def install(self) -> None:
        """Make the tables if they are missing."""
        with answers(self._target):
            ensure_schema(self._target)
            if self._ask("SELECT to_regclass('matapalo.load_range')")[0][0] is None:
                self._target.execute(_TABLES)

    def record(self) -> Record | None:
        """Return how the load stands; nothing where there is none."""
        rows = self._ask(
            """SELECT mapping, made, slot::text, copied IS NOT NULL, ended IS NOT NULL
               FROM matapalo.load WHERE stream = %s""",
            self._stream,
        )
        if not rows:
            return None
        mapping, made, slot, copied, ended = rows[0]
        return Record(mapping, tuple(made), parse(slot) if slot else None, copied, ended)

    def begin(self, mapping: str, made: Sequence[str]) -> None:
        """Note that a load begins. In the transaction in which its tables are made."""
        self._ask(
            "INSERT INTO matapalo.load (stream, mapping, made) VALUES (%s, %s, %s)",
            self._stream,
            mapping,
            list(made),
        )

    def cut(self, ranges: Sequence[Range]) -> None:
        """Note what there is to load."""
        with answers(self._target), self._target.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO matapalo.load_range (stream, flow, number, low, high)"
                " VALUES (%s, %s, %s, %s, %s)",
                [(self._stream, r.flow, r.number, _listed(r.low), _listed(r.high)) for r in ranges],
            )

    def snapshot(self, position: Lsn) -> None:
        """Note where the stream begins, and as of when rows are loaded from now on."""
        self._ask(
            "UPDATE matapalo.load SET slot = %s WHERE stream = %s",
            written(position), self._stream,
        )  # fmt: skip

    def ranges(self) -> tuple[tuple[Range, int | None], ...]:
        """Return every range, with its rows where it is loaded."""
        rows = self._ask(
            "SELECT flow, number, low, high, rows FROM matapalo.load_range"
            " WHERE stream = %s ORDER BY flow, number",
            self._stream,
        )
        return tuple(
            (Range(f, n, _bound(low), _bound(high)), done) for f, n, low, high, done in rows
        )

    def loaded(self, piece: Range, rows: int) -> None:
        """Note that a range is loaded. In the transaction in which its rows are."""
        self._ask(
            "UPDATE matapalo.load_range SET rows = %s"
            " WHERE (stream, flow, number) = (%s, %s, %s)",
            rows, self._stream, piece.flow, piece.number,
        )  # fmt: skip

    def unloaded(self, flows: Sequence[int]) -> None:
        """Note that some flows' rows are gone. In the transaction in which they go."""
        self._ask(
            "UPDATE matapalo.load_range SET rows = NULL WHERE stream = %s AND flow = ANY (%s)",
            self._stream, list(flows),
        )  # fmt: skip

    def copied(self) -> None:
        """Note that every row is there as of the snapshot."""
        self._ask(
            "UPDATE matapalo.load SET copied = clock_timestamp() WHERE stream = %s", self._stream
        )

    def end(self) -> None:
        """Note that everything is there. When this returns, all of the load is on disk."""
        self._target.execute("SET synchronous_commit = on")
        self._ask(
            "UPDATE matapalo.load SET ended = clock_timestamp() WHERE stream = %s", self._stream
        )

    def restart(self) -> None:
        """Forget what is loaded and as of when, but not which tables were made."""
        self._ask("DELETE FROM matapalo.load_range WHERE stream = %s", self._stream)
        self._ask(
            "UPDATE matapalo.load SET slot = NULL, copied = NULL, ended = NULL WHERE stream = %s",
            self._stream,
        )

    def forget(self) -> None:
        """Forget the load."""
        self._ask("DELETE FROM matapalo.load WHERE stream = %s", self._stream)

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with answers(self._target):
            cursor = self._target.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


def _listed(bound: tuple[str, ...] | None) -> list[str] | None:
    return None if bound is None else list(bound)


def _bound(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
