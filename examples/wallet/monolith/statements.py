"""Monthly statements: what came in, what went out, and what was there before and after."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from . import accounts
from .database import BOGOTA, Pool, now, row
from .login import Caller
from .refused import Refused

MOST = 10_000


async def months(pool: Pool, caller: Caller) -> list[str]:
    """Return the months that have a statement, newest first."""
    opened = await row(pool, "select opened_at from customers where id = %s", caller.id)
    first = _month_number(opened["opened_at"] if opened else now())
    last = _month_number(now())
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(last, first - 1, -1)]


async def statement(pool: Pool, caller: Caller, month: str) -> dict[str, Any]:
    between = month_of(month)
    found = await accounts.movements(pool, caller, between=between, limit=MOST)
    if found:
        opening = found[-1]["balance"] - found[-1]["amount"]
    else:
        until = (accounts.ALWAYS[0], between[0])
        earlier = await accounts.movements(pool, caller, between=until, limit=1)
        opening = earlier[0]["balance"] if earlier else 0
    amounts = [movement["amount"] for movement in found]
    return {
        "account": caller.account,
        "month": month,
        "currency": "COP",
        "opening": opening,
        "received": sum(amount for amount in amounts if amount > 0),
        "sent": -sum(amount for amount in amounts if amount < 0),
        "closing": opening + sum(amounts),
        "by_kind": _by_kind(found),
        "movements": found,
    }


async def send(pool: Pool, caller: Caller, month: str) -> dict[str, str]:
    """Send a statement by e-mail; here the notification is all there is of it."""
    month_of(month)
    await accounts.notify(
        pool, caller, f"Enviamos tu extracto de {month} a {masked(caller.email)}."
    )
    return {"month": month, "sent_to": masked(caller.email)}


def month_of(text: str) -> tuple[datetime, datetime]:
    """Return when a month such as 2025-03 begins and ends in Colombia."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        raise Refused(422, "bad_month", "Escribe el mes así: 2025-03.")
    year, month = map(int, text.split("-"))
    begins = datetime(year, month, 1, tzinfo=BOGOTA)
    return begins, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=BOGOTA)


def masked(email: str) -> str:
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def _month_number(moment: datetime) -> int:
    local = moment.astimezone(BOGOTA)
    return local.year * 12 + local.month - 1


def _by_kind(movements: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    kinds: dict[str, dict[str, int]] = {}
    for movement in movements:
        kind = kinds.setdefault(movement["kind"], {"count": 0, "total": 0})
        kind["count"] += 1
        kind["total"] += movement["amount"]
    return kinds
