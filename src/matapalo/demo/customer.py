"""A customer of the wallet: what is known of one, and what all of them must own."""

import time
from dataclasses import dataclass, field
from typing import Any

from matapalo.demo.errands import Errand

SESSION = 7 * 3600
"""Seconds after which a customer logs in anew, before the token runs out."""


@dataclass
class Customer:
    """One customer, and what the customer must own."""

    number: int
    token: str = ""
    since: float = 0
    balance: int = 0
    left_today: int = 0
    unsure: Errand | None = None
    """A payment or top-up that may or may not have happened."""
    wrote: dict[str, float] = field(default_factory=dict)
    """When the last write to a slice was answered, by slice, in a monotonic clock's seconds."""
    paid: str = ""
    """The id of the last payment."""

    @property
    def logged_out_soon(self) -> bool:
        """Whether it is time to log in anew."""
        return time.monotonic() - self.since > SESSION

    def learn(self, answer: dict[str, Any]) -> None:
        """Take a login's token or what may still be paid today out of an answer."""
        if "token" in answer:
            self.token, self.since = answer["token"], time.monotonic()
        self.left_today = answer.get("left_today", self.left_today)

    def wrote_within(self, slice_name: str | None, seconds: float) -> bool:
        """Whether the customer wrote to a slice so short a time ago."""
        return slice_name in self.wrote and time.monotonic() - self.wrote[slice_name] < seconds

    def is_blind(self, listed: list[dict[str, Any]]) -> bool:
        """Whether a list of the customer's latest payments lacks the last one."""
        return bool(self.paid) and all(payment["id"] != self.paid for payment in listed)


@dataclass(frozen=True)
class Books:
    """What all customers must own, and what the wallet says they do, in pesos."""

    at_first: int
    brought_in: int
    """By top-ups."""
    found: int
    differing: tuple[int, ...]
    """Customers whose balance is not what they must own."""
    paid_twice: int = 0
    """Payments that were acknowledged to be others."""

    @property
    def agree(self) -> bool:
        """Whether no peso was made or lost."""
        return (
            not self.differing
            and not self.paid_twice
            and self.found == self.at_first + self.brought_in
        )
