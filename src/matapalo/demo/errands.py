"""What a customer of the wallet may want next, and which answers are the right ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

from matapalo.demo.tally import Side, Work

LOOK, GOT, SENT = frozenset({200}), frozenset({200, 201}), frozenset({202})
LOGIN = "/api/login"
MONTHS = tuple(f"2025-{month:02}" for month in range(1, 13))
MOST = 2_000
"""Pesos. Small amounts: a customer must not run into the wallet's limits in a day of traffic."""
WISHES = {
    "look": 20,
    "limits": 10,
    "months": 6,
    "statement": 22,
    "send": 6,
    "payments": 20,
    "pay": 10,
    "top up": 6,
}
"""How often each is wished, of 100."""


@dataclass(frozen=True)
class Errand:
    """One request, and what it means for the customer's money."""

    method: str
    path: str
    right: frozenset[int]
    slice: str | None = None
    body: Mapping[str, Any] | None = None
    key: str = ""
    """The idempotency key, where money moves."""
    amount: int = 0
    payee: int | None = None
    """The number of the customer who is paid; None where a top-up brings money in."""

    @property
    def work(self) -> Work:
        """Whether it only looks."""
        return "read" if self.method == "GET" else "write"

    @property
    def moves_money(self) -> bool:
        """Whether it must be known if it happened."""
        return self.amount > 0

    def side(self, headers: Mapping[str, str]) -> Side | None:
        """Return who says to have answered: the monolith, or whoever takes the slice over."""
        signed = headers.get("x-served-by")
        if not self.slice or not signed:
            return None
        return "monolith" if signed == "monolith" else "new"


ACCOUNTS = Errand("GET", "/api/accounts", LOOK)
LIMITS = Errand("GET", "/api/limits", LOOK, "limits")
PAYMENTS = Errand("GET", "/api/payments", LOOK, "payments")
LOOKS = {
    "look": (
        ACCOUNTS,
        Errand("GET", "/api/movements", LOOK),
        Errand("GET", "/api/notifications", LOOK),
    ),
    "limits": (LIMITS,),
    "payments": (PAYMENTS,),
    "months": (Errand("GET", "/api/statements", LOOK, "statements"),),
}


def login(number: int) -> Errand:
    """Return the errand of getting a token."""
    who = {"phone": phone(number), "password": password(number)}
    return Errand("POST", LOGIN, LOOK, body=who)


def next_errand(random: Random, number: int, numbers: range, means: int) -> Errand:
    """Return what customer `number` of `numbers` wants next; `means` is what may be paid, in pesos.

    Without means the customer brings money in instead of paying.
    """
    wish = random.choices(tuple(WISHES), tuple(WISHES.values()))[0]
    match wish:
        case "look" | "limits" | "months" | "payments":
            return random.choice(LOOKS[wish])
        case "statement":
            path = f"/api/statements/{random.choice(MONTHS)}"
            return Errand("GET", path, LOOK, "statements")
        case "send":
            body = {"month": random.choice(MONTHS)}
            return Errand("POST", "/api/statements", SENT, "statements", body)
        case "pay" if means >= MOST and len(numbers) > 1:
            return _payment(random, number, numbers)
        case _:
            return _top_up(random)


def _payment(random: Random, number: int, numbers: range) -> Errand:
    payee = random.choice([other for other in numbers if other != number])
    amount = random.randint(1, MOST)
    body = {"to": phone(payee), "amount": amount, "concept": "almuerzo"}
    key = str(uuid4())
    return Errand("POST", "/api/payments", GOT, "payments", body, key, amount, payee)


def _top_up(random: Random) -> Errand:
    amount = random.randint(1, 10 * MOST)
    body = {"source": random.choice(("pse", "cash", "card")), "amount": amount}
    return Errand("POST", "/api/topups", GOT, None, body, str(uuid4()), amount)


def phone(number: int) -> str:
    """Return the phone of the seed's customer of that number."""
    return f"3{number:09}"


def password(number: int) -> str:
    """Return the password of the seed's customer of that number."""
    return f"clave-{number:05}"
