"""The line to the conductor: what it wants, and what the edge has to say. It may be dead."""

from pathlib import Path
from typing import Any

import aiohttp
from pydantic import BaseModel, ValidationError

from matapalo.edge.report import Report
from matapalo.edge.split import Wanted
from matapalo.errors import ConductorSilent

POLL = aiohttp.ClientTimeout(total=30)
"""The conductor answers within 20 seconds, if only that there is nothing new."""
QUICK = aiohttp.ClientTimeout(total=5)


class Passed(BaseModel):
    """Whether the new side has it."""

    passed: bool


class Line:
    """Speaks for one edge. Raises ConductorSilent when it cannot."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, token_file: Path | None, edge: str
    ) -> None:
        self._session = session
        self._at = f"{url.rstrip('/')}/v1/edges/{edge}"
        self._token_file = token_file

    async def wanted(self, after: int) -> Wanted | None:
        """Wait for something newer than a version; nothing if nothing came in time."""
        text = await self._ask("GET", f"/wanted?after={after}", timeout=POLL)
        try:
            return Wanted.model_validate_json(text) if text else None
        except ValidationError as error:
            raise self._not_understood() from error

    async def passed(self, slice_name: str) -> bool:
        """Wait until the new side has all that was written there until now; not for ever."""
        text = await self._ask("GET", "/passed", params={"slice": slice_name}, timeout=POLL)
        try:
            return Passed.model_validate_json(text).passed
        except ValidationError as error:
            raise self._not_understood() from error

    async def report(self, report: Report) -> None:
        """Tell what is so."""
        await self._ask("POST", "/report", data=report.model_dump_json(), timeout=QUICK)

    async def _ask(self, method: str, path: str, **request: Any) -> str:
        try:
            async with self._session.request(
                method, self._at + path, headers=self._headers(), **request
            ) as response:
                text = await response.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConductorSilent(
                f"the conductor does not answer ({error or type(error).__name__})", where=self._at
            ) from error
        if not response.ok:
            raise ConductorSilent(f"the conductor says {response.status}", where=self._at)
        return text

    def _not_understood(self) -> ConductorSilent:
        return ConductorSilent("the conductor says what no edge understands", where=self._at)

    def _headers(self) -> dict[str, str]:
        """The token is read anew each time: it may be replaced while we run."""
        headers = {"content-type": "application/json"}
        if self._token_file is not None:
            headers["authorization"] = f"Bearer {self._token_file.read_text().strip()}"
        return headers
