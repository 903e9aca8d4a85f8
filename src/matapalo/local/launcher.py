"""Starting a process: what is done before, the process, its health, what is done then."""

import asyncio
import time
from collections.abc import Callable

from matapalo.errors import StartFailed
from matapalo.local.actions import perform
from matapalo.local.child import Child
from matapalo.local.health import becomes_well
from matapalo.local.home import Home
from matapalo.local.leftovers import Record, remember
from matapalo.local.logs import last_lines, mark_start
from matapalo.local.secrets import Secrets
from matapalo.local.spec import ProcessSpec

LINES_SHOWN = 8
"""How many of its last lines tell why a process did not start."""


class Launcher:
    """Starts and ends processes, and keeps the record of those that run."""

    def __init__(self, home: Home, secrets: Secrets) -> None:
        self._home = home
        self._secrets = secrets
        self._running: dict[int, Record] = {}

    async def launch(self, spec: ProcessSpec, enters: Callable[[str], None]) -> Child:
        """Start it and wait until it is well; `enters` is told what is being done.

        Raises StartFailed, with the last lines of its log; nothing of it runs then.
        """
        log = self._home.log(spec.name)
        began = time.time()
        try:
            enters("preparing")
            for action in spec.before:
                await perform(action, log)
            enters("starting")
            return await self._start(spec)
        except (StartFailed, OSError) as error:
            raise self._explained(error, spec, began) from error

    async def end(self, child: Child, spec: ProcessSpec) -> None:
        """End it as it wants to be ended."""
        await child.stop(spec.stop, spec.grace)
        self.forget(child)

    def forget(self, child: Child) -> None:
        """Leave a process that has ended out of the record that is written next."""
        self._running.pop(child.pid, None)

    async def _start(self, spec: ProcessSpec) -> Child:
        log = self._home.log(spec.name)
        mark_start(log, f"{spec.name} starts")
        child = await Child.spawn(spec.command, log, str(self._home.folder))
        self._running[child.pid] = Record(spec.name, child.identity, spec.stop)
        remember(self._home, self._running.values())
        try:
            await self._until_well(child, spec)
            for action in spec.then:
                await perform(action, log)
        except BaseException:
            await self.end(child, spec)
            raise
        return child

    async def _until_well(self, child: Child, spec: ProcessSpec) -> None:
        ended = asyncio.create_task(child.ended())
        well = asyncio.create_task(becomes_well(spec.health, spec.patience))
        try:
            await asyncio.wait((ended, well), return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise StartFailed(f"it ended at once, with status {ended.result()}")
            if reason := await well:
                raise StartFailed(
                    f"it is not well{spec.place} after {spec.patience:.0f} s: {reason}"
                )
        finally:
            ended.cancel()
            well.cancel()

    def _explained(
        self, error: StartFailed | OSError, spec: ProcessSpec, began: float
    ) -> StartFailed:
        log = self._home.log(spec.name)
        what, hint = (str(error), "") if isinstance(error, OSError) else (error.what, error.hint)
        lines = [line.text for line in last_lines(log, LINES_SHOWN) if line.at >= began - 1]
        tail = "".join(f"\n  | {line}" for line in lines)
        return StartFailed(
            self._secrets.mask(what + tail),
            where=spec.name,
            hint=hint or f"its log is {log}",
        )
