"""All processes of a system: started in order, kept running, replaced, and ended in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

from matapalo.errors import LocalError, StartFailed
from matapalo.local.child import Child
from matapalo.local.keeper import Event, Keeper, Status, Tell
from matapalo.local.launcher import Launcher
from matapalo.local.order import stops_after
from matapalo.local.spec import Command, ProcessSpec

Successors = tuple[tuple[ProcessSpec, Child, float], ...]
"""New processes beside the old ones: what they are, the processes, and when their starts began."""


class Supervisor:
    """Starts, keeps and ends the processes it is given. Its caller asks for one thing at a time."""

    def __init__(self, specs: Iterable[ProcessSpec], launcher: Launcher, tell: Tell) -> None:
        self._keepers = {spec.name: Keeper(spec, launcher, tell) for spec in specs}
        self._launcher = launcher
        self._tell = tell

    @property
    def specs(self) -> tuple[ProcessSpec, ...]:
        """What is kept running now."""
        return tuple(keeper.spec for keeper in self._keepers.values())

    def status(self) -> tuple[Status, ...]:
        """Return how each process is."""
        return tuple(keeper.status() for keeper in self._keepers.values())

    def keeper(self, name: str) -> Keeper:
        """Return a process's keeper. Raises LocalError for a name that none has."""
        if name not in self._keepers:
            known = ", ".join(self._keepers)
            raise LocalError("there is no such process", where=name, hint=f"there are: {known}")
        return self._keepers[name]

    async def start(self) -> None:
        """Start all, each as soon as those that it needs are well.

        Raises StartFailed with the first failure; the caller then stops what was started.
        """
        after = {spec.name: spec.after for spec in self.specs}
        try:
            await self._each(after, self._start_one)
        except ExceptionGroup as group:
            raise _first(group) from None

    async def stop(self) -> None:
        """End all, each as soon as those that need it have ended."""
        await self._each(stops_after(self.specs), lambda keeper: keeper.stop())

    async def restart(self, name: str) -> None:
        """End one process and start it again, in the same place."""
        await self.keeper(name).restart()

    async def roll(
        self, specs: Iterable[ProcessSpec], arrived: Callable[[], Awaitable[None]]
    ) -> None:
        """Put new processes in the place of those with the same names, without a gap.

        The new ones are started beside the old ones; `arrived` leads the requests to them; then the
        old ones end, the last first. One that cannot stand beside itself is restarted in its place.
        Raises StartFailed if a new one does not become well; the old ones go on as if nothing had
        been.
        """
        specs = tuple(specs)
        fresh = await self._start_beside(spec for spec in specs if spec.rolls)
        await arrived()
        old = [self._take_over(*successor) for successor in fresh]
        for spec in specs:
            if not spec.rolls:
                await self.keeper(spec.name).restart(spec)
        for former, child in reversed(old):
            if child:
                await self._launcher.end(child, former)

    def _take_over(
        self, spec: ProcessSpec, child: Child, began: float
    ) -> tuple[ProcessSpec, Child | None]:
        keeper = self.keeper(spec.name)
        return keeper.spec, keeper.take_over(spec, child, began)

    async def _start_beside(self, specs: Iterable[ProcessSpec]) -> Successors:
        fresh: Successors = ()
        try:
            for spec in specs:
                began = time.monotonic()
                child = await self._launcher.launch(spec, lambda _: None)
                fresh += ((spec, child, began),)
                self._tell(Event(spec.name, f"runs{spec.place} too", _since(began)))
        except BaseException:
            for spec, child, _ in fresh:
                await self._launcher.end(child, spec)
            raise
        return fresh

    async def _start_one(self, keeper: Keeper) -> None:
        began = time.monotonic()
        if any(isinstance(action, Command) for action in keeper.spec.before):
            self._tell(Event(keeper.spec.name, "is being prepared"))
        await keeper.start()
        self._tell(Event(keeper.spec.name, f"runs{keeper.spec.place}", _since(began)))

    async def _each(
        self,
        after: Mapping[str, frozenset[str]],
        do: Callable[[Keeper], Awaitable[None]],
    ) -> None:
        """Do something with every keeper, each as soon as those that it comes after are done."""
        done = {name: asyncio.Event() for name in self._keepers}

        async def one(name: str) -> None:
            for other in after[name]:
                await done[other].wait()
            await do(self._keepers[name])
            done[name].set()

        async with asyncio.TaskGroup() as group:
            for name in self._keepers:
                group.create_task(one(name))


def _since(began: float) -> float:
    return time.monotonic() - began


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """Return the failure that a person has to know of: all others follow from it, or are equal."""
    failures = [error for error in group.exceptions if isinstance(error, StartFailed)]
    return failures[0] if failures else group
