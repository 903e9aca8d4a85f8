"""Accounts, their movements, and what a customer is told."""

from datetime import UTC, datetime
from typing import Any

from psycopg.rows import DictRow

from .database import Pool, row, rows, today
from .limits import PAID_TODAY
from .login import Caller

ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC))
NEWEST = 2**62


async def accounts(pool: Pool, caller: Caller) -> dict[str, Any]:
    account = await row(
        pool,
        f"""select a.id, a.balance, 'COP' as currency, c.opened_at, ({PAID_TODAY}) as paid_today
            from accounts a join customers c on c.id = a.customer_id where a.id = %s""",
        *(caller.account, today(), caller.account),
    )
    customer = {"id": caller.id, "name": caller.name, "email": caller.email, "level": caller.level}
    return {"customer": customer, "accounts": [account]}


async def movements(
    pool: Pool,
    caller: Caller,
    *,
    between: tuple[datetime, datetime] = ALWAYS,
    before: int = NEWEST,
    limit: int = 20,
) -> list[DictRow]:
    """Return movements, newest first: since a moment, until another, before a movement's id."""
    return await rows(
        pool,
        """select id, at, kind, amount, balance, description from movements
           where account_id = %s and at >= %s and at < %s and id < %s
           order by at desc, id desc limit %s""",
        *(caller.account, *between, before, limit),
    )


async def notifications(pool: Pool, caller: Caller) -> list[DictRow]:
    return await rows(
        pool,
        """select id, text, at from notifications where customer_id = %s
           order by id desc limit 20""",
        caller.id,
    )


async def notify(pool: Pool, caller: Caller, text: str) -> DictRow | None:
    return await row(
        pool,
        """insert into notifications (customer_id, text) values (%s, %s)
           returning id, text, at""",
        *(caller.id, text),
    )


async def owners(pool: Pool, ids: list[int], phone: str = "") -> list[DictRow]:
    """Return whose accounts these are, by their ids or the owner's phone."""
    return await rows(
        pool,
        """select a.id, c.name from accounts a join customers c on c.id = a.customer_id
           where a.id = any(%s) or c.phone = %s""",
        *(ids, phone),
    )
