"""Asking the security system over HTTP: in time, without being sent elsewhere, and not too much."""

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


class System:
    """The security system."""

    def __init__(self, session: aiohttp.ClientSession, where: Where, timeout: float) -> None:
        self._session = session
        self._where = where
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def ask(self, method: str, **request: Any) -> tuple[int, bytes]:
        """Return status and body. Raises SecuritySilent."""
        url = self._where()
        if url is None:
            raise SecuritySilent("the security system is nowhere yet")
        try:
            async with self._session.request(
                method, url, timeout=self._timeout, allow_redirects=False, **request
            ) as response:
                return response.status, await response.content.read(LONGEST)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise SecuritySilent(
                f"the security system does not answer ({type(error).__name__})", where=url
            ) from error


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
