"""The monolith's API, as far as payments need it. Whatever is asked may be asked again."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import ClientConnectionError, ClientSession

from .payment import Caller, Payment, Wanted
from .refused import Refused, unavailable

PATIENCE = (0.05, 0.2, 0.5, 1, 2)
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Booked:
    """What the monolith says of a payment whose money it was asked to move."""

    payment: dict[str, Any]
    kept: bool
    """Whether somebody keeps the payment already."""
    now: bool
    """Whether the money was moved now, and not before."""


@dataclass(frozen=True)
class Monolith:
    session: ClientSession
    secret: str

    async def caller(self, authorization: str) -> Caller:
        """Return who shows this. Refused as the monolith refuses it."""
        _, found = await self._ask("GET", "/api/accounts", authorization)
        return Caller(found["accounts"][0]["id"], found["customer"]["level"])

    async def account_of(self, phone: str) -> int | None:
        owners = await self._owners([("phone", phone)])
        return next(iter(owners), None)

    async def names(self, accounts: Iterable[int]) -> dict[int, str]:
        """Return the names of accounts' owners."""
        query = [("id", str(account)) for account in sorted(set(accounts))]
        return await self._owners(query) if query else {}

    async def book(self, wanted: Wanted) -> Booked:
        """Have a payment's money moved, unless it was before. Refused as the monolith refuses."""
        path = f"/internal/bookings/{wanted.id}"
        status, found = await self._house("PUT", path, body=asdict(wanted))
        return Booked(found, found.pop("kept"), now=status == 201)

    async def unkept(self) -> list[Payment]:
        """Return booked payments that nobody has said to keep."""
        _, found = await self._house("GET", "/internal/bookings")
        return [_payment(booking) for booking in found["bookings"]]

    async def kept(self, payments: Iterable[UUID]) -> None:
        """Say that these are kept here."""
        query = [("id", str(payment)) for payment in payments]
        await self._house("DELETE", "/internal/bookings", query)

    async def keep(self, payment: UUID) -> None:
        """Have a booked payment kept there."""
        await self._house("PUT", f"/internal/payments/{payment}")

    async def _owners(self, query: Query) -> dict[int, str]:
        _, found = await self._house("GET", "/internal/accounts", query)
        return {owner["id"]: owner["name"] for owner in found["accounts"]}

    async def _house(
        self, method: str, path: str, query: Query = (), body: Mapping[str, Any] | None = None
    ) -> tuple[int, Any]:
        return await self._ask(method, path, f"Bearer {self.secret}", query, body)

    async def _ask(
        self,
        method: str,
        path: str,
        authorization: str,
        query: Query = (),
        body: Mapping[str, Any] | None = None,
    ) -> tuple[int, Any]:
        for patience in (*PATIENCE, None):
            try:
                return await self._ask_once(method, path, authorization, query, body)
            except ClientConnectionError:  # it may be starting anew
                if patience is None:
                    break
                await asyncio.sleep(patience)
            except TimeoutError:
                break
        raise unavailable()

    async def _ask_once(
        self,
        method: str,
        path: str,
        authorization: str,
        query: Query,
        body: Mapping[str, Any] | None,
    ) -> tuple[int, Any]:
        headers = {"Authorization": authorization}
        async with self.session.request(
            method, path, params=query, json=body, headers=headers
        ) as got:
            if got.status == 204:
                return got.status, None
            if got.content_type != "application/json":
                raise unavailable()
            found = await got.json()
            if got.status >= 400:
                raise Refused(got.status, found["error"], found["message"])
            return got.status, found


def _payment(booking: dict[str, Any]) -> Payment:
    del booking["id"]  # it follows from the rest
    return Payment(**{**booking, "created_at": datetime.fromisoformat(booking["created_at"])})
