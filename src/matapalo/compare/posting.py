"""Telling the conductor what was found. It may be dead; what it missed is in the next word."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

import aiohttp

from matapalo.compare.comparing import Comparing
from matapalo.compare.report import Comparisons
from matapalo.errors import ConductorSilent

EVERY = 1.0
"""Seconds between two words at most; the conductor counts a stage from the first one in it."""
PAUSE = 0.5
"""Seconds between two words with news at least."""
SLICES = 20
"""Slices in one word at most, so that it stays small."""
_QUICK = aiohttp.ClientTimeout(total=5)


class Posting:
    """Speaks for one process."""

    def __init__(
        self,
        *,
        http: aiohttp.ClientSession,
        url: str,
        token_file: Path,
        epoch: str,
        slices: Mapping[str, Comparing],
        say: Callable[[str], None],
    ) -> None:
        self._http = http
        self._at = f"{url.rstrip('/')}/v1/comparisons"
        self._token_file = token_file
        self._epoch = epoch
        self._slices = slices
        self._say = say

    async def run(self, news: asyncio.Event) -> None:
        """Tell what is new: at once after a silence, then twice a second; else that nothing is."""
        silent = False
        while True:
            fresh = await _happens(news, EVERY)
            news.clear()
            try:
                await self.post()
            except ConductorSilent as error:
                if not silent:
                    self._say(f"conductor: {error.what}")
                silent = True
            else:
                silent = False
            if fresh:
                await asyncio.sleep(PAUSE)

    async def post(self) -> None:
        """Tell the counts as they are. Raises ConductorSilent."""
        names = iter(sorted(self._slices))
        while some := tuple(islice(names, SLICES)):
            reports = {name: self._slices[name].tally.report() for name in some}
            await self._post(Comparisons(epoch=self._epoch, slices=reports))

    async def _post(self, said: Comparisons) -> None:
        try:
            async with self._http.post(
                self._at, data=said.model_dump_json(), headers=self._headers(), timeout=_QUICK
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            why = error or type(error).__name__
            raise ConductorSilent(f"it does not answer ({why})", where=self._at) from error
        if not answer.ok:
            raise ConductorSilent(f"it says {status}", where=self._at)

    def _headers(self) -> dict[str, str]:
        """The token is read anew each time: it may be replaced while we run."""
        token = self._token_file.read_text().strip()
        return {"content-type": "application/json", "authorization": f"Bearer {token}"}


async def _happens(event: asyncio.Event, within: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within)
    except TimeoutError:
        return False
    return True
