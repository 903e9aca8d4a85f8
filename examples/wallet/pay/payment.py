"""What a payment is, here and at the monolith."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

PAYMENTS = UUID("6f2b0f4e-3c86-5d0a-9d53-0b8f6d1c7a42")
"""As at the monolith: whoever hears of one payment gives it the same id."""

PER_PAYMENT = {1: 500_000, 2: 2_000_000, 3: 10_000_000}
"""Pesos, by the level at which a customer is known. What a day may take is where the money is."""


@dataclass(frozen=True)
class Caller:
    """A customer who is logged in."""

    account: int
    level: int


@dataclass(frozen=True)
class Wanted:
    """A payment as it is asked for; accounts by their ids."""

    payer: int
    payee: int
    amount: int
    concept: str
    key: str

    @property
    def id(self) -> UUID:
        return uuid5(PAYMENTS, f"{self.payer}/{self.key}")


@dataclass(frozen=True)
class Payment(Wanted):
    """A payment whose money was moved."""

    created_at: datetime

    @classmethod
    def booked(cls, wanted: Wanted, booking: Mapping[str, Any]) -> Self:
        """Return a payment as the monolith has booked it."""
        at = datetime.fromisoformat(booking["created_at"])
        return cls(**{**asdict(wanted), "concept": booking["concept"]}, created_at=at)

    @property
    def values(self) -> dict[str, Any]:
        return {"id": self.id, **asdict(self)}
