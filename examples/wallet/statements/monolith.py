"""The monolith's API, as far as statements need it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientConnectionError, ClientSession

from .statement import Month, Movement

PAGE = 500
PATIENCE = (0.05, 0.2, 0.5, 1, 2)


class Answered(Exception):
    """The monolith refused; whoever asked gets its answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Monolith:
    """The monolith, in the name of one caller."""

    session: ClientSession
    authorization: str

    async def customer(self) -> dict[str, Any]:
        """Return the caller's account and what the monolith knows of its owner."""
        found = await self._get("/api/accounts")
        return {**found["customer"], **found["accounts"][0]}

    async def movements(self, month: Month) -> tuple[int, list[Movement]]:
        """Return the account and all its movements in a month, newest first."""
        between = {"since": month.begins().isoformat(), "until": month.next().begins().isoformat()}
        found: list[Movement] = []
        while True:
            before = {"before": str(found[-1]["id"])} if found else {}
            page = await self._get("/api/movements", limit=str(PAGE), **between, **before)
            found += page["movements"]
            if len(page["movements"]) < PAGE:
                return page["account"], found

    async def balance_at(self, month: Month) -> int:
        """Return what the account held when a month began."""
        until = month.begins().isoformat()
        found = (await self._get("/api/movements", limit="1", until=until))["movements"]
        return found[0]["balance"] if found else 0

    async def notify(self, text: str) -> None:
        """Leave a notification. It is asked for once: a second one would be a second letter."""
        body = {"text": text}
        async with self.session.post("/api/notifications", json=body, headers=self._who()) as got:
            if got.status != 201:
                raise Answered(got.status, await got.read())

    async def _get(self, path: str, **query: str) -> Any:
        for patience in PATIENCE:
            try:
                return await self._get_once(path, query)
            except ClientConnectionError:  # it may be starting anew
                await asyncio.sleep(patience)
        return await self._get_once(path, query)

    async def _get_once(self, path: str, query: dict[str, str]) -> Any:
        async with self.session.get(path, params=query, headers=self._who()) as got:
            if got.status != 200:
                raise Answered(got.status, await got.read())
            return await got.json()

    def _who(self) -> dict[str, str]:
        return {"Authorization": self.authorization}
