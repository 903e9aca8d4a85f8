"""The ledger in PostgreSQL, and the leader's lock.

One session holds the lock and writes every entry. Whoever can write leads, then: a session that is
lost takes the lock along, and nothing can be written without it.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from matapalo.conductor.entry import Draft, Entry
from matapalo.conductor.schema import FRAME, MIGRATIONS
from matapalo.errors import LedgerSilent

LOCK = 0x6D61746170616C6F  # "matapalo"
ANSWER = 15
"""How long the database may take for one statement, in seconds."""

# A dead network must not keep a lock alive, nor a conductor waiting.
_SESSION: dict[str, str | int] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
}


@dataclass(frozen=True)
class Holder:
    """Who holds the leader's lock."""

    name: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.name}, connected since {self.since:%Y-%m-%d %H:%M:%S %Z}".strip()


def own_name() -> str:
    """Return what this conductor calls itself towards the database."""
    return f"matapalo conductor {os.getpid()} on {socket.gethostname()}"[:63]


class Ledger:
    """One session with the ledger's database. Every method raises LedgerSilent when it is lost."""

    def __init__(self, connection: psycopg.AsyncConnection[dict[str, Any]]) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def lead(self) -> bool:
        """Take the leader's lock if it is free."""
        row = await self._one("SELECT pg_try_advisory_lock(%s) AS held", LOCK)
        return bool(row and row["held"])

    async def holder(self) -> Holder | None:
        """Return who holds the lock."""
        row = await self._one(
            """SELECT application_name AS name, backend_start AS since
               FROM pg_locks JOIN pg_stat_activity USING (pid)
               WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                 AND pg_locks.database = (SELECT oid FROM pg_database
                                          WHERE datname = current_database())
                 AND (classid::bigint << 32) | objid::bigint = %s""",
            LOCK,
        )
        return Holder(**row) if row else None

    async def migrate(self) -> None:
        """Create the schema, or bring it up to date. Only the leader may."""
        async with self._asked() as connection, connection.transaction():
            await connection.execute(FRAME)
            cursor = await connection.execute(
                "SELECT coalesce(max(version), 0) AS version FROM matapalo.migration"
            )
            row = await cursor.fetchone()
            version = int(row["version"]) if row else 0
            if version > len(MIGRATIONS):
                raise LedgerSilent(
                    f"the ledger has version {version}, and this Matapalo knows {len(MIGRATIONS)}",
                    hint="A newer Matapalo wrote it: use that one.",
                )
            for number, migration in enumerate(MIGRATIONS[version:], version + 1):
                await connection.execute(migration)
                await connection.execute(
                    "INSERT INTO matapalo.migration (version) VALUES (%s)", [number]
                )

    async def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Write entries, all or none. When this returns, they are on disk."""
        row = f"({', '.join(['%s'] * _COLUMNS)})"
        statement = _APPEND % ", ".join([row] * len(drafts))
        async with self._asked() as connection:
            cursor = connection.cursor(row_factory=class_row(Entry))
            await cursor.execute(statement.encode(), [v for draft in drafts for v in _row(draft)])
            return tuple(await cursor.fetchall())

    async def entries(
        self, *, slice_name: str | None = None, after: int = 0, limit: int | None = None
    ) -> tuple[Entry, ...]:
        """Return entries in their order: the last `limit` of those after an id."""
        async with self._asked() as connection:
            cursor = connection.cursor(row_factory=class_row(Entry))
            await cursor.execute(
                """SELECT * FROM (
                       SELECT id, at, slice, who, why, kind, coalesce(move, id) AS move,
                              action, state, text, facts
                       FROM matapalo.ledger
                       WHERE id > %(after)s
                         AND (%(slice)s::text IS NULL OR slice = %(slice)s)
                       ORDER BY id DESC LIMIT %(limit)s
                   ) AS latest ORDER BY id""",
                {"after": after, "slice": slice_name, "limit": limit},
            )
            return tuple(await cursor.fetchall())

    async def lives(self) -> None:
        """Ask whether the session is still there."""
        await self._one("SELECT 1 AS alive")

    async def _one(self, query: str, *values: object) -> dict[str, Any] | None:
        async with self._asked() as connection:
            cursor = await connection.execute(query, values)
            return await cursor.fetchone()

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[psycopg.AsyncConnection[dict[str, Any]]]:
        """Give the session to one caller at a time, and turn its end into LedgerSilent.

        A statement without an answer may or may not have happened. The session is closed then, so
        that nobody goes on from a guess: the next leader reads what is there.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWER):
                    yield self._connection
            except TimeoutError:
                await self._connection.close()
                raise LedgerSilent(f"the ledger has not answered for {ANSWER} s") from None
            except psycopg.Error as error:
                await self._connection.close()
                raise silent(error) from error


_APPEND = """
INSERT INTO matapalo.ledger (slice, who, why, kind, move, action, state, text, facts)
VALUES %s
RETURNING id, at, slice, who, why, kind, coalesce(move, id) AS move, action, state, text, facts
"""
_COLUMNS = 9


def _row(draft: Draft) -> tuple[object, ...]:
    facts = Jsonb(draft.facts.model_dump(mode="json", exclude_defaults=True))
    return (
        draft.slice, draft.who, draft.why, draft.kind, draft.move, draft.action, draft.state,
        draft.text, facts,
    )  # fmt: skip


@asynccontextmanager
async def session(url: str) -> AsyncIterator[Ledger]:
    """Open a session with the ledger's database. Raises LedgerSilent where there is none."""
    try:
        connection = await psycopg.AsyncConnection.connect(
            make_conninfo(url, application_name=own_name(), **_SESSION),
            autocommit=True,
            row_factory=dict_row,
        )
    except psycopg.Error as error:
        raise silent(error) from error
    try:
        yield Ledger(connection)
    finally:
        await connection.close()


def silent(error: psycopg.Error) -> LedgerSilent:
    """Say what the database said, without what it was connected by."""
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return LedgerSilent(
        f"the ledger's database does not answer: {first}",
        hint="Nothing is lost: the conductor goes on by itself when the database is back.",
    )
