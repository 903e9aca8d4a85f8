"""The row on the target by which a stream is known, asked to do something, and answers.

whoever asks ──wanted, hold, stop──▶ row of matapalo.stream ──wishes──▶ the stream's process
             ◀──────held────────── (and a NOTIFY each way) ◀──tells──
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from matapalo.blueprint import Table
from matapalo.errors import DatabaseRefused, UnknownStream
from matapalo.stream.database import Connection, answers
from matapalo.stream.names import Direction, Stream, literal
from matapalo.stream.schema import ensure_schema

CHANNEL = "matapalo_stream"
"""Where a change of the row is notified; the stream's full name is the payload."""
FRESH = 5.0
"""Seconds after which a stream that was not heard of counts as not running."""
ENDED = frozenset({"loaded", "stopped", "lost"})
"""Phases in which no process works on a stream."""

_TABLE = """
CREATE TABLE IF NOT EXISTS matapalo.stream (
    stream text PRIMARY KEY,
    name text NOT NULL,
    direction text NOT NULL,
    source text NOT NULL,      -- system identifier and database: a stream has one source for life
    tables jsonb NOT NULL,     -- as a blueprint describes them
    phase text NOT NULL,
    trouble text NOT NULL DEFAULT '',
    process text NOT NULL DEFAULT '',
    heard timestamptz,         -- when the process last said that it lives
    wanted boolean NOT NULL DEFAULT false, -- whether a process that serves it shall work on it
    heartbeat int8,            -- the source's next transaction when the last heartbeat was sent
    heartbeat_at timestamptz,  -- when that was, by the source's clock
    stop boolean NOT NULL DEFAULT false,
    hold text NOT NULL DEFAULT '',
    hold_until timestamptz,
    hold_at pg_lsn,
    held text NOT NULL DEFAULT '',
    held_at pg_lsn
)
"""
_ENTRIES = """
SELECT stream, name, direction, source, tables, phase, trouble, process, wanted,
       extract(epoch FROM clock_timestamp() - heard)::float8 AS silent
FROM matapalo.stream ORDER BY stream
"""
_ANYHOW = sql.SQL("true")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a stream is asked to do."""

    stop: bool = False
    hold: str = ""
    """Who asks it to stand still, if anyone does."""
    at: int | None = None
    """Before which position of the source's log; None means right here."""

    @property
    def limit(self) -> int | None:
        """Transactions whose commit is at or after this position have to wait; None for none."""
        return (self.at or 0) if self.hold else None


class Entry(BaseModel):
    """What a stream's row says."""

    model_config = ConfigDict(frozen=True)

    stream: str
    name: str
    direction: Direction
    source: str
    tables: tuple[Table, ...]
    phase: str
    trouble: str
    process: str
    wanted: bool
    silent: float | None
    """Seconds since the process was last heard; None if it never was."""

    @property
    def running(self) -> bool:
        """Whether a process works on the stream."""
        return self.silent is not None and self.silent < FRESH and self.phase not in ENDED


def install(target: Connection) -> None:
    """Create the table if it is missing."""
    with answers(target):
        ensure_schema(target)
        target.execute(_TABLE)


def enter(
    target: Connection, stream: Stream, *, source: str, tables: Sequence[Table], phase: str
) -> None:
    """Make a stream known, or say what it is like now.

    Raises DatabaseRefused where it has come from another source until now.
    """
    with answers(target):
        entered = target.execute(
            """INSERT INTO matapalo.stream AS known
                   (stream, name, direction, source, tables, phase, heard)
               VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp())
               ON CONFLICT (stream) DO UPDATE SET tables = excluded.tables, phase = excluded.phase,
                   trouble = '', stop = false, heard = clock_timestamp()
               WHERE known.source = excluded.source""",
            [stream.on_server, stream.name, stream.direction, source, _described(tables), phase],
        )
    if not entered.rowcount:
        raise _elsewhere(stream)


def want(target: Connection, stream: Stream, *, source: str, tables: Sequence[Table]) -> None:
    """Have whoever serves a stream work on it from now on.

    Raises DatabaseRefused where it has come from another source until now.
    """
    with answers(target), target.transaction():
        changed = target.execute(
            """INSERT INTO matapalo.stream AS known
                   (stream, name, direction, source, tables, phase, wanted)
               VALUES (%s, %s, %s, %s, %s, 'wanted', true)
               ON CONFLICT (stream) DO UPDATE SET tables = excluded.tables, wanted = true,
                   stop = false, trouble = CASE WHEN known.wanted THEN known.trouble ELSE '' END
               WHERE known.source = excluded.source""",
            [stream.on_server, stream.name, stream.direction, source, _described(tables)],
        )
        target.execute("SELECT pg_notify(%s, %s)", [CHANNEL, stream.on_server])
    if not changed.rowcount:
        raise _elsewhere(stream)


def is_wanted(target: Connection, stream: Stream) -> bool:
    """Return whether whoever serves a stream shall work on it."""
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.stream')").fetchone() == (None,):
            return False
        row = target.execute(
            "SELECT wanted FROM matapalo.stream WHERE stream = %s", [stream.on_server]
        ).fetchone()
    return row == (True,)


def entries(target: Connection) -> tuple[Entry, ...]:
    """Return every stream that this target knows."""
    with answers(target):
        if target.execute("SELECT to_regclass('matapalo.stream')").fetchone() == (None,):
            return ()
        with target.cursor(row_factory=dict_row) as cursor:
            return tuple(Entry.model_validate(row) for row in cursor.execute(_ENTRIES))


def entry(target: Connection, stream: Stream) -> Entry:
    """Return what a stream's row says. Raises UnknownStream."""
    found = next((one for one in entries(target) if one.stream == stream.on_server), None)
    if found is None:
        raise unknown(stream)
    return found


def wish(target: Connection, stream: Stream) -> Wish:
    """Return what a stream is asked to do now; a hold that has run out is none."""
    with answers(target):
        row = target.execute(
            """SELECT stop, CASE WHEN hold_until > clock_timestamp() THEN hold ELSE '' END,
                      (hold_at - '0/0')::int8
               FROM matapalo.stream WHERE stream = %s""",
            [stream.on_server],
        ).fetchone()
    return Wish(*row) if row else Wish()


def listen(target: Connection) -> None:
    """Have the session's socket become readable whenever a row has changed."""
    # That something came is all there is to know: without a handler, they would be kept for ever.
    target.add_notify_handler(lambda _: None)
    with answers(target):
        target.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))


def tell(target: Connection, stream: Stream, **news: object) -> None:
    """Write what a stream's process has to say: columns of its row, and that it lives."""
    parts = [
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
        for column, value in news.items()
    ]
    with answers(target):
        target.execute(
            sql.SQL(
                "UPDATE matapalo.stream SET {} WHERE stream = {}; SELECT pg_notify({}, {})"
            ).format(
                sql.SQL(", ").join([sql.SQL("heard = clock_timestamp()"), *parts]),
                literal(stream.on_server), literal(CHANNEL), literal(stream.on_server),
            )
        )  # fmt: skip


def leave(target: Connection, stream: Stream, *, phase: str, trouble: str) -> None:
    """Write down how a process has ended."""
    with answers(target):
        target.execute(
            "UPDATE matapalo.stream SET phase = %s, trouble = %s, process = '', heard = NULL"
            " WHERE stream = %s",
            [phase, trouble, stream.on_server],
        )


def troubled(target: Connection, stream: Stream, *, phase: str, trouble: str, ends: bool) -> None:
    """Write down why a stream does not go on and, where that `ends` it, that it is not wanted."""
    with answers(target):
        target.execute(
            "UPDATE matapalo.stream SET phase = %s, trouble = %s, wanted = wanted AND NOT %s,"
            " heard = CASE WHEN %s THEN NULL ELSE clock_timestamp() END WHERE stream = %s",
            [phase, trouble, ends, ends, stream.on_server],
        )


def forget(target: Connection, stream: Stream) -> None:
    """Remove a stream's row."""
    with answers(target):
        target.execute("DELETE FROM matapalo.stream WHERE stream = %s", [stream.on_server])


def ask(
    target: Connection,
    stream: Stream,
    change: sql.Composable,
    only_if: sql.Composable = _ANYHOW,
) -> bool:
    """Change a stream's row so that its process takes notice; return whether the row was found."""
    with answers(target), target.transaction():
        changed = target.execute(
            sql.SQL("UPDATE matapalo.stream SET {} WHERE stream = {} AND ({})").format(
                change, literal(stream.on_server), only_if
            )
        )
        target.execute("SELECT pg_notify(%s, %s)", [CHANNEL, stream.on_server])
        return changed.rowcount > 0


def ask_to_stop(target: Connection, stream: Stream) -> None:
    """Ask a stream's process to end in an orderly way. Raises UnknownStream."""
    if not ask(target, stream, sql.SQL("stop = true")):
        raise unknown(stream)


def _described(tables: Sequence[Table]) -> Jsonb:
    return Jsonb([table.model_dump(mode="json", exclude_defaults=True) for table in tables])


def _elsewhere(stream: Stream) -> DatabaseRefused:
    return DatabaseRefused(
        f"the stream {stream} comes from another database than this one",
        hint="It was loaded from another server, or from what this one was restored from.",
    )


def unknown(stream: Stream) -> UnknownStream:
    """Return the error that there is no such stream."""
    return UnknownStream(
        f"no stream {stream} on this target", hint="`matapalo stream status` lists those there are."
    )
