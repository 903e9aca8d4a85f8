"""Keeping one process running: started again when it ends, less and less eagerly, for ever."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from matapalo.errors import StartFailed
from matapalo.local.backoff import STEADY, pause
from matapalo.local.child import Child
from matapalo.local.launcher import Launcher
from matapalo.local.spec import ProcessSpec


@dataclass(frozen=True)
class Event:
    """Something a person watching would want to know."""

    name: str
    """The process."""
    text: str
    seconds: float | None = None
    """How long it took."""


Tell = Callable[[Event], None]


@dataclass(frozen=True)
class Status:
    """How a process is."""

    name: str
    state: str
    """waiting, preparing, starting, running, pausing or stopped."""
    port: int
    pid: int | None
    since: float
    """When it came into this state, in seconds since 1970."""
    restarts: int
    took: float | None
    """How long its last start took, in seconds."""
    memory: int
    """Bytes that it and those it started hold."""
    trouble: str
    """Why it ended or did not start the last time."""


class Keeper:
    """One process of the system, and the one that takes its place when it ends."""

    def __init__(self, spec: ProcessSpec, launcher: Launcher, tell: Tell) -> None:
        self.spec = spec
        self._launcher = launcher
        self._tell = tell
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._state, self._since = "waiting", time.time()
        self._restarts = self._failures = 0
        self._took: float | None = None
        self._trouble = ""

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._child.pid if self._child and self._child.alive else None

    @property
    def running(self) -> bool:
        """Whether it runs and is well, as far as is known."""
        return self._state == "running" and self.pid is not None

    async def start(self) -> None:
        """Start it, and keep it running from then on. Raises StartFailed."""
        began = time.monotonic()
        self.take_over(self.spec, await self._launcher.launch(self.spec, self._enter), began)

    def take_over(self, spec: ProcessSpec, child: Child, began: float) -> Child | None:
        """Keep this process running from now on; return the one that was kept before."""
        before, self._child, self.spec = self._child, child, spec
        self._took = time.monotonic() - began
        self._enter("running")
        self._stop_keeping()
        self._task = asyncio.create_task(self._keep(child))
        return before

    async def restart(self, spec: ProcessSpec | None = None) -> None:
        """End it and start it, perhaps as another. Raises StartFailed; it is tried again then."""
        await self.stop()
        self.spec = spec or self.spec
        try:
            await self.start()
        except StartFailed:
            self._failures = 1
            self._task = asyncio.create_task(self._revive())
            raise

    async def stop(self) -> None:
        """End it, and do not start it again."""
        await self.let_go()
        if self._child and self._child.alive:
            self._enter("stopping")
            await self._launcher.end(self._child, self.spec)
        self._enter("stopped")

    async def let_go(self) -> None:
        """Stop keeping it running. A start that is under way is undone."""
        if task := self._stop_keeping():
            await asyncio.wait((task,))

    def status(self) -> Status:
        """Return how it is."""
        return Status(
            name=self.spec.name,
            state=self._state,
            port=self.spec.port,
            pid=self.pid,
            since=self._since,
            restarts=self._restarts,
            took=self._took,
            memory=_memory(self.pid) if self.pid else 0,
            trouble=self._trouble,
        )

    def _stop_keeping(self) -> asyncio.Task[None] | None:
        task, self._task = self._task, None
        if task:
            task.cancel()
        return task

    def _enter(self, state: str) -> None:
        self._state, self._since = state, time.time()

    async def _keep(self, child: Child) -> None:
        while True:
            self._settle(await child.ended(), child)
            self._child = child = await self._again()

    async def _revive(self) -> None:
        self._child = await self._again()
        await self._keep(self._child)

    def _settle(self, status: int, child: Child) -> None:
        """Clear up after a process that ended though nobody asked it to."""
        if not self.spec.leaves_heirs:
            child.end_heirs()
        self._launcher.forget(child)
        if time.time() - self._since >= STEADY:
            self._failures = 0
        self._note(f"ended with status {status}")

    async def _again(self) -> Child:
        """Start it until it is well."""
        while True:
            self._enter("pausing")
            await asyncio.sleep(pause(self._failures))
            self._failures += 1
            self._restarts += 1
            began = time.monotonic()
            try:
                child = await self._launcher.launch(self.spec, self._enter)
            except StartFailed as error:
                self._note(error.what)
                continue
            self._took = time.monotonic() - began
            self._enter("running")
            self._tell(Event(self.spec.name, "runs again", self._took))
            return child

    def _note(self, trouble: str) -> None:
        self._trouble = trouble
        wait = pause(self._failures)
        again = f"starts again in {wait:.1f} s" if wait else "starts again"
        self._tell(Event(self.spec.name, f"{trouble}; {again}"))


def _memory(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(p.memory_info().rss for p in family)
    except psutil.Error:
        return 0
