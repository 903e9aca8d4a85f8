"""What can happen to a process in the middle of a switch: it is killed, or stands still."""

import asyncio
import signal
from dataclasses import dataclass
from typing import Literal, get_args

import psutil

from matapalo.conductor import Side
from tests.switch.world import World

DELAY = 1.0
"""Seconds that a process stands still."""
EVERYBODY_NEEDS = frozenset({"Envoy", "monolith's database", "new database", "monolith", "service"})
"""Requests that they have in hand when they are killed fail: nobody else's do."""
_DATABASES = {"monolith's database": Side.MONOLITH, "new database": Side.NEW}
_KEPT = {
    "conductor": "conductor",
    "agent": "edge-1",
    "forward stream": "forward",
    "reverse stream": "reverse",
    "monolith": "monolith",
    "service": "service",
}
PROCESSES = ("conductor", "agent", "Envoy", "forward stream", "reverse stream",
             "monolith's database", "new database", "monolith", "service")  # fmt: skip


How = Literal["killed", "stopped"]


@dataclass(frozen=True)
class Fault:
    """One thing that happens to one process."""

    how: How
    process: str

    def __str__(self) -> str:
        return f"{self.process} {self.how}"

    async def strike(self, world: World) -> None:
        """Have it happen."""
        if self.how == "stopped":
            _signal(world, self.process, signal.SIGSTOP)
        elif self.process in _DATABASES:
            await asyncio.to_thread(world.servers[_DATABASES[self.process]].crash)
        else:
            _signal(world, self.process, signal.SIGKILL)

    async def pass_by(self, world: World) -> None:
        """Have everything run again; what was killed and is kept running does so by itself."""
        if self.how == "stopped":
            await asyncio.sleep(DELAY)
            _signal(world, self.process, signal.SIGCONT)
        elif self.process in _DATABASES:
            await asyncio.to_thread(world.servers[_DATABASES[self.process]].start)


def _signal(world: World, name: str, number: signal.Signals) -> None:
    if name in _KEPT:
        world.kept[_KEPT[name]].send(number)
        return
    for process in _family(world, name):
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _family(world: World, name: str) -> list[psutil.Process]:
    if name in _DATABASES:
        return world.servers[_DATABASES[name]].family()
    return world.edges[0].envoys()


_HOWS: tuple[How, ...] = get_args(How)
FAULTS = tuple(Fault(how, process) for how in _HOWS for process in PROCESSES)
