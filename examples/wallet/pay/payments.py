"""Payments: the list of them, and making one, in two databases that share no transaction."""

from dataclasses import dataclass
from typing import Any

from . import ledger
from .ledger import Closed, Pool
from .monolith import Monolith
from .payment import PER_PAYMENT, Caller, Payment, Wanted
from .refused import Refused, unavailable

Shown = dict[str, Any]
"""A payment as its payer is told of it."""


@dataclass(frozen=True)
class Payments:
    pool: Pool
    monolith: Monolith

    async def latest(self, caller: Caller) -> list[Shown]:
        found = await ledger.latest(self.pool, caller.account)
        names = await self.monolith.names(payment["payee_id"] for payment in found)
        return [
            {"id": payment.pop("id"), "to": names[payee], **payment}
            for payment in found
            if (payee := payment.pop("payee_id")) in names
        ]

    async def pay(
        self, caller: Caller, *, phone: str, amount: object, concept: str, key: str
    ) -> tuple[Shown, bool]:
        """Pay another customer. Returns the payment, and whether this request made it."""
        payee = await self.monolith.account_of(phone)
        if payee is None or payee == caller.account:
            raise Refused(422, "unknown_payee", "No hay otra persona con ese celular.")
        amount = amount_of(amount, PER_PAYMENT[caller.level])
        wanted = Wanted(caller.account, payee, amount, concept, key)
        earlier = await ledger.earlier(self.pool, wanted)
        return (earlier, False) if earlier else await self._make(wanted)

    async def _make(self, wanted: Wanted) -> tuple[Shown, bool]:
        booked = await self.monolith.book(wanted)
        if booked.kept:  # by a request that came in between, or by the monolith
            earlier = await ledger.earlier(self.pool, wanted) or booked.payment
            if "amount" not in earlier:
                raise unavailable()
            return earlier, False
        await self._keep(Payment.booked(wanted, booked.payment))
        return booked.payment, booked.now

    async def _keep(self, payment: Payment) -> None:
        """Keep a payment whose money was moved, here or where it may be written."""
        try:
            await ledger.keep(self.pool, payment)
        except Closed:
            await self.monolith.keep(payment.id)


def amount_of(value: object, most: int) -> int:
    """Read an amount that somebody sent."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise Refused(422, "bad_amount", f"El valor debe estar entre $1 y {pesos(most)}.")
    return value


def pesos(amount: int) -> str:
    """Write an amount as Colombians do: $1.500.000."""
    return f"${amount:,}".replace(",", ".")
