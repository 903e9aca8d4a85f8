"""Our own table of payments. Its rows came from the monolith, and may go back there."""

import asyncio
from collections.abc import Iterable
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection, DatabaseError, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from .payment import Payment, Wanted
from .refused import key_reused, unavailable

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]
PATIENCE = (0, 0.1, 0.5, 1)
CLOSED = "MP001"
"""The SQLSTATE of a table that is written elsewhere at this moment."""
NOT_THERE = "42P01"
"""The SQLSTATE of a table that has not come here yet."""


class Closed(Exception):
    """The table is not ours to write, and perhaps not even there yet."""


def pool_of(url: str) -> Pool:
    """Return a pool that is still closed; its connections commit each statement by itself."""
    return AsyncConnectionPool(
        url,
        connection_class=AsyncConnection[DictRow],
        kwargs={"autocommit": True, "row_factory": dict_row},
        min_size=2,
        max_size=12,
        timeout=5,
        open=False,
    )


async def latest(pool: Pool, payer: int) -> list[DictRow]:
    return await _rows(
        pool,
        """select id, payee_id, amount, note as concept, created_at from payments
           where payer_id = %s order by created_at desc limit 20""",
        [payer],
    )


async def earlier(pool: Pool, wanted: Wanted) -> DictRow | None:
    """Return the payment that was made with the same key. Refused where it was another one."""
    found = await _rows(
        pool,
        """select id, amount, note as concept, created_at, payee_id = %s and amount = %s as same
           from payments where payer_id = %s and key = %s""",
        [wanted.payee, wanted.amount, wanted.payer, wanted.key],
    )
    if found and not found[0].pop("same"):
        raise key_reused()
    return found[0] if found else None


async def keep(pool: Pool, payment: Payment) -> None:
    """Keep a payment; where it is here already it stays as it is. Raises Closed."""
    await _rows(
        pool,
        """insert into payments
             (id, payer_id, payee_id, amount, note, currency, key, created_at)
           values
             (%(id)s, %(payer)s, %(payee)s, %(amount)s, %(concept)s, 'COP', %(key)s, %(created_at)s)
           on conflict do nothing returning id""",
        payment.values,
    )


async def those_kept(pool: Pool, payments: Iterable[UUID]) -> set[UUID]:
    """Return which of these are here."""
    found = await _rows(pool, "select id from payments where id = any(%s)", [list(payments)])
    return {payment["id"] for payment in found}


async def _rows(pool: Pool, query: LiteralString, values: Any) -> list[DictRow]:
    """Run a statement that may run twice. Raises Closed; refused where the database is away."""
    for patience in PATIENCE:
        await asyncio.sleep(patience)
        try:
            async with pool.connection() as connection:
                return await (await connection.execute(query, values)).fetchall()
        except (OperationalError, PoolTimeout):
            continue
        except DatabaseError as error:
            if error.sqlstate not in {CLOSED, NOT_THERE}:
                raise
            raise Closed from error
    raise unavailable()
