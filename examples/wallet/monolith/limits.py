"""How much a customer may move: the better we know somebody, the more."""

from dataclasses import dataclass

from .database import Pool, row, today
from .login import Caller


@dataclass(frozen=True)
class Limit:
    """Pesos."""

    per_payment: int
    per_day: int


LEVELS = {
    1: Limit(per_payment=500_000, per_day=2_000_000),
    2: Limit(per_payment=2_000_000, per_day=8_000_000),
    3: Limit(per_payment=10_000_000, per_day=40_000_000),
}

# From the movements: they are here wherever payments are kept.
PAID_TODAY = """select coalesce(-sum(amount), 0)::bigint as paid from movements
                where account_id = %s and at >= %s and kind = 'payment' and amount < 0"""


async def limits(pool: Pool, caller: Caller) -> dict[str, int]:
    found = await row(pool, PAID_TODAY, caller.account, today())
    paid = found["paid"] if found else 0
    limit = LEVELS[caller.level]
    return {
        "level": caller.level,
        "per_payment": limit.per_payment,
        "per_day": limit.per_day,
        "paid_today": paid,
        "left_today": max(0, limit.per_day - paid),
    }
