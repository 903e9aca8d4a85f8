"""What a statement says, from the movements of its month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Self

BOGOTA = timezone(timedelta(hours=-5))
Movement = dict[str, Any]


@dataclass(frozen=True, order=True)
class Month:
    """A month of the Colombian calendar."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 2025-03. ValueError where it is anything else."""
        moment = datetime.strptime(text, "%Y-%m").replace(tzinfo=BOGOTA)
        month = cls.of(moment)
        if str(month) != text or month.year < 2000:
            raise ValueError(text)
        return month

    @classmethod
    def of(cls, moment: datetime) -> Self:
        local = moment.astimezone(BOGOTA)
        return cls(local.year, local.month)

    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def begins(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=BOGOTA)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


def months_between(opened: datetime, now: datetime) -> list[str]:
    """Return every month from an account's first to the present one, newest first."""
    months, month = [], Month.of(now)
    while month >= Month.of(opened):
        months.append(str(month))
        month = month.previous()
    return months


def statement(
    account: int, month: Month, opening: int, movements: Sequence[Movement]
) -> dict[str, Any]:
    """Return the statement: movements newest first, as the monolith lists them."""
    kinds: dict[str, dict[str, int]] = defaultdict(lambda: {"count": 0, "total": 0})
    for movement in movements:
        kinds[movement["kind"]]["count"] += 1
        kinds[movement["kind"]]["total"] += movement["amount"]
    received = sum(max(0, movement["amount"]) for movement in movements)
    sent = sum(max(0, -movement["amount"]) for movement in movements)
    return {
        "account": account,
        "month": str(month),
        "currency": "COP",
        "opening": opening,
        "received": received,
        "sent": sent,
        "closing": opening + received - sent,
        "by_kind": kinds,
        "movements": movements,
    }


def masked(email: str) -> str:
    """Show enough of an address for its owner to know it."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"
