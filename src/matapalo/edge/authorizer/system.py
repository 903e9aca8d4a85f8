"""Asking the security system over HTTP: in time, without being sent elsewhere, and not too much."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp

from matapalo.edge.authorizer.decision import SecuritySilent

Where = Callable[[], str | None]
"""Says where the security system answers; it may have moved, or not be there yet."""
LONGEST = 1024 * 1024
"""Bytes of an answer that are read."""
OK = 200
AGAIN = 0.1
"""Seconds between two attempts to reach it."""
UNLIMITED = aiohttp.ClientTimeout(total=None)


class System:
    """The security system."""

    def __init__(self, session: aiohttp.ClientSession, where: Where, timeout: float) -> None:
        self._session = session
        self._where = where
        self._timeout = timeout

    async def ask(self, method: str, **request: Any) -> tuple[int, bytes]:
        """Return status and body. Raises SecuritySilent."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._patiently(method, **request)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise SecuritySilent(
                f"the security system does not answer ({error or 'in time'})"
            ) from error

    async def _patiently(self, method: str, **request: Any) -> tuple[int, bytes]:
        """It may be starting anew, and asking changes nothing: ask again."""
        while True:
            try:
                return await self._once(method, **request)
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(AGAIN)

    async def _once(self, method: str, **request: Any) -> tuple[int, bytes]:
        url = self._where()
        if url is None:
            raise SecuritySilent("the security system is nowhere yet")
        async with self._session.request(
            method, url, timeout=UNLIMITED, allow_redirects=False, **request
        ) as response:
            return response.status, await _body(response)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST:
            raise SecuritySilent("the security system says more than anybody would read")
    return body


def json_object(status: int, body: bytes) -> dict[str, Any]:
    """Return the object that a 200 brings. Raises SecuritySilent for everything else."""
    if status != OK:
        raise SecuritySilent(f"the security system says {status}")
    try:
        value = json.loads(body)
    except ValueError as error:
        raise SecuritySilent("the security system does not answer with JSON") from error
    if not isinstance(value, dict):
        raise SecuritySilent("the security system does not answer with a JSON object")
    return value


def moment(value: object) -> float | None:
    """Return a moment in seconds since 1970; nothing if it is none."""
    return float(value) if isinstance(value, int | float) and value is not True else None
