"""Payments between customers, and top-ups from outside. Each is one transaction.

The idempotency key makes a repeated request find the payment that the first one made; a key that
comes back with another payment is refused. What becomes of a payment's money is in bookings.py:
services that keep payments themselves have it moved there too.
"""

from typing import Any

from psycopg.rows import DictRow

from . import bookings, books
from .bookings import Payment
from .database import Connection, Pool, row, rows
from .limits import LEVELS
from .login import Caller
from .refused import Refused

SOURCES = {"pse": "PSE", "cash": "efectivo", "card": "tarjeta"}


async def payments(pool: Pool, caller: Caller) -> list[DictRow]:
    return await rows(
        pool,
        """select p.id, c.name as "to", p.amount, p.concept, p.created_at
           from payments p
           join accounts a on a.id = p.payee_id join customers c on c.id = a.customer_id
           where p.payer_id = %s order by p.created_at desc limit 20""",
        caller.account,
    )


async def pay(
    pool: Pool, caller: Caller, *, phone: str, amount: int, concept: str, key: str
) -> tuple[DictRow, bool]:
    """Pay another customer. Returns the payment, and whether this request made it."""
    payee = await row(
        pool,
        """select a.id from customers c join accounts a on a.customer_id = c.id
           where c.phone = %s""",
        phone,
    )
    if payee is None or payee["id"] == caller.account:
        raise Refused(422, "unknown_payee", "No hay otra persona con ese celular.")
    amount = books.amount_of(amount, LEVELS[caller.level].per_payment)
    payment = Payment(caller.account, payee["id"], amount, concept, key)
    async with pool.connection() as connection, connection.transaction():
        # Before the payment: its foreign keys take locks too, which could not be raised.
        await books.lock(connection, payment.payer, payment.payee)
        made = await _new_payment(connection, payment)
        if made is None:
            return await _earlier_payment(connection, payment), False
        now = await bookings.move(connection, payment)
        if not now:  # a service had booked it, and may have been about to keep it
            await connection.execute("delete from bookings where id = %s", (payment.id,))
        return made, now


async def top_up(
    pool: Pool, caller: Caller, *, source: str, amount: int, key: str
) -> tuple[DictRow, bool]:
    """Bring money in from outside. Returns the top-up, and whether this request made it."""
    amount = books.amount_of(amount, 5_000_000)
    clearing = await row(pool, "select id from accounts where clearing = %s", source)
    if clearing is None:
        raise Refused(422, "unknown_source", "Recarga por pse, cash o card.")
    account = caller.account
    wanted = {"account": account, "source": clearing["id"], "amount": amount, "key": key}
    async with pool.connection() as connection, connection.transaction():
        await books.lock(connection, account, clearing["id"])
        topup = await _new_topup(connection, wanted)
        if topup is None:
            return await _earlier_topup(connection, wanted), False
        await books.move(
            connection,
            topup["id"],
            "topup",
            amount,
            source=(clearing["id"], f"Recarga de {caller.name}"),
            target=(account, f"Recarga por {SOURCES[source]}"),
        )
        return topup, True


async def _new_payment(connection: Connection, payment: Payment) -> DictRow | None:
    made = await connection.execute(
        """insert into payments (id, payer_id, payee_id, amount, concept, key, created_at)
           values (%(id)s, %(payer)s, %(payee)s, %(amount)s, %(concept)s, %(key)s,
                   coalesce((select created_at from bookings where id = %(id)s), now()))
           on conflict (payer_id, key) do nothing returning id, amount, concept, created_at""",
        payment.values,
    )
    return await made.fetchone()


async def _new_topup(connection: Connection, wanted: dict[str, Any]) -> DictRow | None:
    made = await connection.execute(
        """insert into topups (account_id, source_id, amount, key)
           values (%(account)s, %(source)s, %(amount)s, %(key)s)
           on conflict (account_id, key) do nothing returning id, amount, created_at""",
        wanted,
    )
    return await made.fetchone()


async def _earlier_payment(connection: Connection, payment: Payment) -> DictRow:
    found = await connection.execute(
        """select id, amount, concept, created_at from payments
           where payer_id = %(payer)s and key = %(key)s
             and payee_id = %(payee)s and amount = %(amount)s""",
        payment.values,
    )
    return _same(await found.fetchone())


async def _earlier_topup(connection: Connection, wanted: dict[str, Any]) -> DictRow:
    found = await connection.execute(
        """select id, amount, created_at from topups
           where account_id = %(account)s and key = %(key)s
             and source_id = %(source)s and amount = %(amount)s""",
        wanted,
    )
    return _same(await found.fetchone())


def _same(earlier: DictRow | None) -> DictRow:
    if earlier is None:
        raise Refused(409, "key_reused", "Esa llave de idempotencia ya se usó en otra operación.")
    return earlier
