"""The first customers: 10,000 of them, and what they did in 2025. Always the same ones.

    schema.sql ──▶ a year played in memory ──▶ COPY ──▶ ties.sql, all in one transaction

A second run finds the customers and does nothing. The customer numbered 7 has the phone 3000000007
and the password `clave-00007`.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from .database import BOGOTA
from .login import hash_password

CUSTOMERS = 10_000
TRANSFERS = 100_000  # two movements each
YEAR = datetime(2025, 1, 1, tzinfo=BOGOTA)
STEP = timedelta(days=364) / TRANSFERS
CLEARING = ("pse", "cash", "card")
# As cheap as it gets: these passwords are printed in a README.
COST = 2**4

FIRST = "Ana Luz Juan José María Camilo Paola Andrés Yesica Iván Nubia Óscar Marta Édgar Rocío"
LAST = "Rojas Mora Díaz Peña Gómez Ruiz Cano Ortiz Vélez Duque Arias Salazar Muñoz Castro"
CONCEPTS = ("almuerzo", "arriendo", "mercado", "el taxi", "la vaca", "")

COLUMNS: dict[str, LiteralString] = {
    "customers": "id, phone, name, email, level, password, opened_at",
    "accounts": "id, customer_id, clearing, balance",
    "payments": "id, payer_id, payee_id, amount, concept, key, created_at",
    "topups": "id, account_id, source_id, amount, key, created_at",
    "movements": "account_id, reference, kind, amount, balance, description, at",
}


def seed(url: str) -> None:
    here = Path(__file__).parent
    with psycopg.connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('totumo seed'))")
        connection.execute((here / "bookings.sql").read_bytes())
        if _one(connection, "select to_regclass('customers') is not null"):
            return
        connection.execute((here / "schema.sql").read_bytes())
        _fill(connection, Year().play())
        connection.execute((here / "ties.sql").read_bytes())
        if _one(connection, "select sum(amount) from movements") != 0:
            raise AssertionError("the seed made or lost money")
        connection.execute("analyze")
        print(f"{CUSTOMERS:,} customers and {2 * TRANSFERS:,} movements are there", flush=True)


@dataclass
class Year:
    """A year of the wallet, played in memory. Account n belongs to customer n."""

    random: Random = field(default_factory=lambda: Random(2025))
    balances: list[int] = field(default_factory=lambda: [0] * (CUSTOMERS + len(CLEARING) + 1))
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {n: [] for n in COLUMNS})

    def play(self) -> dict[str, list[tuple[Any, ...]]]:
        self.rows["customers"].extend(self._customers())
        for n in range(TRANSFERS):
            at = YEAR + n * STEP
            if n < CUSTOMERS:  # everybody begins with a top-up
                self._top_up(n + 1, self.random.randrange(50, 2000) * 1000, at)
            elif n % 9 == 0 or not self._pay(at):
                self._top_up(self._anybody(), self.random.randrange(10, 300) * 1000, at)
        self.rows["accounts"].extend(self._accounts())
        return self.rows

    def _customers(self) -> Iterator[tuple[Any, ...]]:
        for n in range(1, CUSTOMERS + 1):
            name = f"{self.random.choice(FIRST.split())} {self.random.choice(LAST.split())}"
            level = self.random.choices((1, 2, 3), (6, 3, 1))[0]
            password = hash_password(f"clave-{n:05}", n.to_bytes(8), COST)
            email = f"cliente{n}@correo.example"
            yield n, f"3{n:09}", name, email, level, password, YEAR + (n - 1) * STEP

    def _accounts(self) -> Iterator[tuple[Any, ...]]:
        for n in range(1, CUSTOMERS + 1):
            yield n, n, None, self.balances[n]
        for n, clearing in enumerate(CLEARING, CUSTOMERS + 1):
            yield n, None, clearing, self.balances[n]

    def _pay(self, at: datetime) -> bool:
        payer, payee = self._anybody(), self._anybody()
        amount = self.random.randrange(2, 120) * 1000
        if payer == payee or self.balances[payer] < amount:
            return False
        reference, concept = self._reference(), self.random.choice(CONCEPTS)
        key = f"seed-{reference}"
        self.rows["payments"].append((reference, payer, payee, amount, concept, key, at))
        names = self.rows["customers"]
        texts = f"Pago a {names[payee - 1][2]}", f"Pago de {names[payer - 1][2]}"
        self._move((reference, "payment", at), amount, (payer, payee), texts)
        return True

    def _top_up(self, account: int, amount: int, at: datetime) -> None:
        reference, source = self._reference(), CUSTOMERS + 1
        key = f"seed-{reference}"
        self.rows["topups"].append((reference, account, source, amount, key, at))
        texts = f"Recarga de {self.rows['customers'][account - 1][2]}", "Recarga por PSE"
        self._move((reference, "topup", at), amount, (source, account), texts)

    def _move(
        self,
        cause: tuple[UUID, str, datetime],
        amount: int,
        accounts: tuple[int, int],
        texts: tuple[str, str],
    ) -> None:
        reference, kind, at = cause
        for account, change, text in zip(accounts, (-amount, amount), texts, strict=True):
            self.balances[account] += change
            movement = (account, reference, kind, change, self.balances[account], text, at)
            self.rows["movements"].append(movement)

    def _anybody(self) -> int:
        return self.random.randrange(CUSTOMERS) + 1

    def _reference(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


def _fill(connection: Connection[TupleRow], rows: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, columns in COLUMNS.items():
        _copy(connection, f"copy {table} ({columns}) from stdin", rows[table])
    for table in ("customers", "accounts"):
        connection.execute(
            f"select setval(pg_get_serial_sequence('{table}', 'id'), max(id)) from {table}"
        )


def _copy(
    connection: Connection[TupleRow], command: LiteralString, rows: Iterable[tuple[Any, ...]]
) -> None:
    with connection.cursor().copy(command) as copy:
        for row in rows:
            copy.write_row(row)


def _one(connection: Connection[TupleRow], query: LiteralString) -> Any:
    found = connection.execute(query).fetchone()
    return found[0] if found else None


if __name__ == "__main__":
    seed(os.environ["DATABASE_URL"])
