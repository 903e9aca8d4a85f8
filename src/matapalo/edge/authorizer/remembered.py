"""What was answered lately. Bounded; and of many who ask the same at once only one asks."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from matapalo.edge.authorizer.decision import Known, Verdict

MOST = 10_000
"""Answers kept; the one that was used longest ago goes first."""
NEGATIVE = 2.0
"""Seconds that a no is kept, at most: somebody may be logging in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer, and until when (in seconds since 1970) it holds."""

    verdict: Verdict
    until: float


def lifetime(verdict: Verdict, cache: float, now: float) -> float:
    """Return for how many seconds an answer may be used again."""
    if not isinstance(verdict, Known):
        return min(cache, NEGATIVE)
    return cache if verdict.ends is None else max(0.0, min(cache, verdict.ends - now))


class Remembered:
    """Answers by the digest of the credential."""

    def __init__(self, cache: float) -> None:
        self._cache = cache
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Entry]] = {}

    async def get(self, key: bytes, ask: Callable[[], Awaitable[Verdict]]) -> Entry:
        """Return what is known, or ask. What asking raises is raised, and not remembered."""
        entry = self._entries.get(key)
        if entry and entry.until > time.time():
            self._entries.move_to_end(key)
            return entry
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key, ask))
        # Whoever gives up waiting does not take the answer from the others.
        return await asyncio.shield(task)

    async def _ask(self, key: bytes, ask: Callable[[], Awaitable[Verdict]]) -> Entry:
        began = time.time()
        try:
            verdict = await ask()
        finally:
            del self._asking[key]
        # Counted from before we asked: the other side may have changed its mind meanwhile.
        entry = Entry(verdict, began + lifetime(verdict, self._cache, began))
        self._entries[key] = entry
        self._entries.move_to_end(key)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        return entry
