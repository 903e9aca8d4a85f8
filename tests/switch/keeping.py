"""Processes that are kept running, as a supervisor would keep them."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

AGAIN = 0.1
"""Seconds until one that has died is started again."""
GRACE = 30.0


class Kept:
    """A process that is started again whenever it dies, until `end`."""

    def __init__(
        self, words: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._words = (sys.executable, *words)
        self._log = log
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._environment.pop("AWS_CA_BUNDLE", None)
        self._process: asyncio.subprocess.Process | None = None
        self._over = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it."""
        await self._spawn()
        self._task = asyncio.create_task(self._keep())

    @property
    def pid(self) -> int:
        """Of the process that runs now, or ran last."""
        assert self._process, "it was never started"
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; one that has just died hears nothing."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def end(self) -> None:
        """End it in the orderly way, and by force if it does not listen."""
        self._over = True
        if self._process is None or self._task is None:
            return
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        done, _ = await asyncio.wait([self._task], timeout=GRACE)
        if not done:
            self.send(signal.SIGKILL)
            await self._task
            raise AssertionError(f"{self._words[1:4]} did not end by SIGTERM:\n{self.said[-3000:]}")

    @property
    def said(self) -> str:
        """Its log."""
        return self._log.read_text() if self._log.exists() else ""

    async def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._words, stdout=log, stderr=log, env=self._environment
            )

    async def _keep(self) -> None:
        while self._process is not None:
            await self._process.wait()
            if self._over:
                return
            await asyncio.sleep(AGAIN)
            if not self._over:
                await self._spawn()
