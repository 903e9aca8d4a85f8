"""A function's sandboxes: warm ones are used again, more are started up to the concurrency.

A call that finds none starts one, or waits for one where as many are starting as this machine has
cores for: each start takes time from the others, and one that is busy may be free before.
"""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from matapalo.local.functions.describe import Lambda
from matapalo.local.functions.outcome import MOST_BYTES, Kind, Outcome
from matapalo.local.functions.output import Say
from matapalo.local.functions.sandbox import Call, Sandbox

IDLE = 300
"""Seconds after which a sandbox that nobody needs is ended."""
STARTS = max(2, os.cpu_count() or 1)
"""How many sandboxes of a function start at once."""
LOOK = 0.5
"""How often the code and the idle sandboxes are looked at, in seconds."""


class Pool:
    """A function, ready to be invoked. An async context manager: leaving it ends all sandboxes."""

    def __init__(self, function: Lambda, say: Say, *, idle: float = IDLE) -> None:
        self.function = function
        self.counts: Counter[str] = Counter()
        """Invocations by how they ended, and `cold starts`."""
        self._say = say
        self._idle_limit = idle
        self._idle: list[Sandbox] = []
        self._busy: set[Sandbox] = set()
        self._starting = 0
        self._in_hand = 0
        """Calls that are being answered, or wait for a sandbox."""
        self._changed = asyncio.Event()
        self._generation = 0
        self._tending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._tending = asyncio.create_task(self._tend())
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._tending:
            self._tending.cancel()
            await asyncio.wait({self._tending})
        await self._end(*self._idle, *self._busy)

    @property
    def size(self) -> int:
        """How many sandboxes there are."""
        return len(self._idle) + len(self._busy)

    async def invoke(self, payload: bytes, *, request_id: str = "", trace: str = "") -> Outcome:
        """Have the function answer an event, in whichever sandbox is free."""
        call = Call(request_id or str(uuid4()), payload, trace)
        if len(payload) > MOST_BYTES:
            outcome = Outcome(Kind.TOO_LARGE)
        elif self._in_hand >= self.function.concurrency:
            outcome = Outcome(Kind.THROTTLED)
        else:
            outcome = await self._answered(call)
        self.counts[outcome.kind.value] += 1
        return outcome

    async def _answered(self, call: Call) -> Outcome:
        self._in_hand += 1
        try:
            while not (sandbox := self._take_idle()) and self._starting >= STARTS:
                self._changed.clear()
                await self._changed.wait()
            return await self._invoke_in(sandbox or await self._started(call), call)
        finally:
            self._in_hand -= 1
            self._changed.set()

    async def _invoke_in(self, sandbox: Sandbox, call: Call) -> Outcome:
        try:
            outcome = await sandbox.invoke(call)
        except BaseException:  # nobody waits any more: what the handler does now is lost
            await self._drop(sandbox)
            raise
        self._busy.discard(sandbox)
        if sandbox.generation != self._generation:
            await sandbox.end()
        elif not sandbox.ended:
            sandbox.idle_since = time.monotonic()
            self._idle.append(sandbox)
        return outcome

    async def _started(self, call: Call) -> Sandbox:
        """Start a sandbox for a call that finds none."""
        sandbox = Sandbox(self.function, self._say, self._generation)
        self.counts["cold starts"] += 1
        self._busy.add(sandbox)
        self._starting += 1
        try:
            await sandbox.load(call)
        except BaseException:  # as above
            await self._drop(sandbox)
            raise
        finally:
            self._starting -= 1
            self._changed.set()
        return sandbox

    async def _drop(self, sandbox: Sandbox) -> None:
        self._busy.discard(sandbox)
        await sandbox.end()

    def _take_idle(self) -> Sandbox | None:
        """Take the sandbox that was busy last; the others may grow old."""
        alive = [sandbox for sandbox in self._idle if not sandbox.has_exited]
        if not alive:
            return None
        self._idle.remove(alive[-1])
        self._busy.add(alive[-1])
        return alive[-1]

    async def _tend(self) -> None:
        """Replace sandboxes whose code has changed, end those that nobody needs."""
        known = await asyncio.to_thread(fingerprint, self.function.code)
        while True:
            await asyncio.sleep(min(LOOK, self._idle_limit))
            now = await asyncio.to_thread(fingerprint, self.function.code)
            if now != known:
                known = now
                self._generation += 1
                self._say("the code has changed: new sandboxes from here on")
            await self._end(*filter(self._is_done_with, self._idle))

    def _is_done_with(self, sandbox: Sandbox) -> bool:
        too_old = time.monotonic() - sandbox.idle_since > self._idle_limit
        return too_old or sandbox.has_exited or sandbox.generation != self._generation

    async def _end(self, *sandboxes: Sandbox) -> None:
        self._idle = [sandbox for sandbox in self._idle if sandbox not in sandboxes]
        await asyncio.gather(*(sandbox.end() for sandbox in sandboxes))


def fingerprint(code: Path) -> int:
    """Return a number that changes when a file of the code does."""
    files = (
        str(Path(folder, name))
        for folder, _, names in os.walk(code)
        if Path(folder).name != "__pycache__"
        for name in names
    )
    return hash(frozenset((file, _mark(file)) for file in files))


def _mark(file: str) -> tuple[int, int]:
    try:
        status = Path(file).stat()
    except OSError:  # it went while we looked
        return 0, 0
    return status.st_mtime_ns, status.st_size
