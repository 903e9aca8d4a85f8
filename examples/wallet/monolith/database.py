"""The pool of connections, and the little that everyone needs around it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

BOGOTA = timezone(timedelta(hours=-5))  # Colombia keeps one time all year


def pool_of(url: str) -> Pool:
    """Return a pool that is still closed; its connections commit each statement by itself."""
    return AsyncConnectionPool(
        url,
        connection_class=Connection,
        kwargs={"autocommit": True, "row_factory": dict_row},
        min_size=2,
        max_size=12,
        timeout=5,
        open=False,
    )


async def rows(pool: Pool, query: LiteralString, *values: Any) -> list[DictRow]:
    async with pool.connection() as connection:
        return await (await connection.execute(query, values)).fetchall()


async def row(pool: Pool, query: LiteralString, *values: Any) -> DictRow | None:
    async with pool.connection() as connection:
        return await (await connection.execute(query, values)).fetchone()


def now() -> datetime:
    return datetime.now(UTC)


def today() -> datetime:
    """Return the moment at which this day began in Colombia."""
    return now().astimezone(BOGOTA).replace(hour=0, minute=0, second=0, microsecond=0)
