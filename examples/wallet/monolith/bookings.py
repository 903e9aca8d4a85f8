"""Bookings: the money of payments, moved once for each, whoever keeps the payment itself.

    here       pay ─────────▶ payment and money in one transaction
    elsewhere  a service ──▶ book ──▶ the service keeps the payment ──▶ kept
                              └── crashed, or may not write: it asks what is `unkept`, keeps it, or
                                  has it kept here

A payment's id follows from its payer and key, so that all who hear of one payment, on whatever way
and as often as they like, mean the same. A booking for a payment that is kept elsewhere stays, with
all there is to know of the payment, until its keeper has it: none is lost between two databases.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import DictRow

from . import books
from .database import Connection, Pool, row, rows, today
from .limits import LEVELS, PAID_TODAY
from .refused import Refused

PAYMENTS = UUID("6f2b0f4e-3c86-5d0a-9d53-0b8f6d1c7a42")
MOST = 100
"""Bookings told of at once."""


@dataclass(frozen=True)
class Payment:
    """A payment as it is wanted; accounts by their ids."""

    payer: int
    payee: int
    amount: int
    concept: str
    key: str

    @property
    def id(self) -> UUID:
        return uuid5(PAYMENTS, f"{self.payer}/{self.key}")

    @property
    def values(self) -> dict[str, Any]:
        return {"id": self.id, **asdict(self)}


async def move(connection: Connection, payment: Payment) -> bool:
    """Move a payment's money and tell the payee, unless that was done before.

    Returns whether it was done now. Refused where the payer cannot afford it, and where the id is
    another payment's.
    """
    balances = await books.lock(connection, payment.payer, payment.payee)
    if await _is_moved(connection, payment):
        return False
    people = await _people(connection, payment)
    payer, payee = people[payment.payer], people[payment.payee]
    await _must_afford(connection, payment, payer["level"], balances[payment.payer])
    await books.move(
        connection,
        payment.id,
        "payment",
        payment.amount,
        source=(payment.payer, f"Pago a {payee['name']}"),
        target=(payment.payee, f"Pago de {payer['name']}"),
    )
    text = f"{payer['name']} te envió {books.pesos(payment.amount)}."
    await connection.execute(
        "insert into notifications (customer_id, text) values (%s, %s)", (payee["customer"], text)
    )
    return True


async def book(pool: Pool, payment: Payment) -> tuple[DictRow, bool]:
    """Move the money of a payment that is kept elsewhere.

    Returns what is known of it, with `kept` saying whether somebody keeps it already, and whether
    the money was moved now.
    """
    async with pool.connection() as connection, connection.transaction():
        if await move(connection, payment):
            made = await connection.execute(_BOOK, payment.values)
            if booking := await made.fetchone():
                return booking, True
        found = await connection.execute(_KNOWN, payment.values)
        return await found.fetchone() or {"id": payment.id, "kept": True}, False


async def unkept(pool: Pool) -> list[DictRow]:
    """Return bookings whose payments nobody has said to keep, the oldest first."""
    return await rows(
        pool,
        """select id, payer_id as payer, payee_id as payee, amount, concept, key, created_at
           from bookings order by created_at limit %s""",
        MOST,
    )


async def kept(pool: Pool, ids: Sequence[UUID]) -> None:
    """Take note that payments are kept elsewhere."""
    await row(pool, "delete from bookings where id = any(%s) returning 1", list(ids))


async def keep(pool: Pool, payment: UUID) -> None:
    """Keep a payment here that was booked; nothing happens where somebody keeps it already."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            """insert into payments (id, payer_id, payee_id, amount, concept, key, created_at)
               select id, payer_id, payee_id, amount, concept, key, created_at
               from bookings where id = %s on conflict do nothing""",
            (payment,),
        )
        await connection.execute("delete from bookings where id = %s", (payment,))


_BOOK = """insert into bookings (id, payer_id, payee_id, amount, concept, key)
           values (%(id)s, %(payer)s, %(payee)s, %(amount)s, %(concept)s, %(key)s)
           returning id, amount, concept, created_at, false as kept"""
_KNOWN = """select id, amount, concept, created_at, false as kept from bookings where id = %(id)s
            union all
            select id, amount, concept, created_at, true from payments where id = %(id)s
            order by kept limit 1"""


async def _is_moved(connection: Connection, payment: Payment) -> bool:
    found = await connection.execute(
        "select account_id, amount from movements where reference = %s", (payment.id,)
    )
    moved = {movement["account_id"]: movement["amount"] for movement in await found.fetchall()}
    if moved and moved != {payment.payer: -payment.amount, payment.payee: payment.amount}:
        raise Refused(409, "key_reused", "Esa llave de idempotencia ya se usó en otra operación.")
    return bool(moved)


async def _people(connection: Connection, payment: Payment) -> dict[int, DictRow]:
    found = await connection.execute(
        """select a.id, c.id as customer, c.name, c.level
           from accounts a join customers c on c.id = a.customer_id where a.id = any(%s)""",
        ([payment.payer, payment.payee],),
    )
    people = {person["id"]: person for person in await found.fetchall()}
    if len(people) < 2:
        raise Refused(422, "unknown_payee", "No hay otra persona con ese celular.")
    return people


async def _must_afford(connection: Connection, payment: Payment, level: int, balance: int) -> None:
    if balance < payment.amount:
        raise Refused(422, "insufficient_funds", "No te alcanza el saldo.")
    found = await (await connection.execute(PAID_TODAY, (payment.payer, today()))).fetchone()
    paid = found["paid"] if found else 0
    if paid + payment.amount > LEVELS[level].per_day:
        raise Refused(422, "daily_limit", "Superas lo que puedes enviar en un día.")
