"""Envoy's admin. It knows no password: a unix socket that only the edge's own user can open."""

from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from matapalo.errors import EdgeSilent

TIMEOUT = aiohttp.ClientTimeout(total=10)


class Admin:
    """Asks one Envoy. Raises EdgeSilent when it does not answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(socket), force_close=True), timeout=TIMEOUT
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str, **query: str) -> str:
        """Read something."""
        return await self._ask("GET", path, query)

    async def post(self, path: str, **query: str) -> str:
        """Have something done."""
        return await self._ask("POST", path, query)

    async def _ask(self, method: str, path: str, query: dict[str, str]) -> str:
        try:
            async with self._session.request(
                method, f"http://envoy{path}", params=query
            ) as response:
                text = await response.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise EdgeSilent("Envoy does not answer", where=str(self._socket)) from error
        if not response.ok:
            raise EdgeSilent(f"Envoy says {response.status} to {path}", where=str(self._socket))
        return text
