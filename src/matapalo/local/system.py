"""The system on this machine, as a whole."""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from secrets import token_urlsafe
from typing import Any

from matapalo.errors import StartFailed
from matapalo.local.files import write, write_json
from matapalo.local.home import Home
from matapalo.local.keeper import Event, Status, Tell
from matapalo.local.launcher import Launcher
from matapalo.local.leftovers import end_leftovers
from matapalo.local.ports import free_port
from matapalo.local.supervisor import Supervisor
from matapalo.local.topology import (
    Scene,
    endpoints_of,
    plan,
    successors,
)

SETTLING = 1.0
"""How long an edge is given to lead requests to a new place, in seconds. Nothing tells us that it
has: its agent looks at the endpoints several times in this while."""


class System:
    """A running system: where it is, how it is, and what can be done with it."""

    def __init__(self, scene: Scene, tell: Tell) -> None:
        self._scene = scene
        self._launcher = Launcher(scene.home, scene.secrets)
        self._supervisor = Supervisor(plan(scene), self._launcher, self._told)
        self._listeners: list[Tell] = [tell]
        self._orders: set[asyncio.Task[None]] = set()
        self._one_move = asyncio.Lock()
        self._stop = asyncio.Event()
        self.since = time.time()
        self.ready = False
        """Whether everything has become well once."""

    @property
    def home(self) -> Home:
        """The state folder."""
        return self._scene.home

    @property
    def edge_url(self) -> str:
        """Where every request goes."""
        return self._scene.url("edge")

    @property
    def conductor_url(self) -> str:
        """Where the conductor answers; its token is in `home.token`."""
        return self._scene.url("conductor")

    def url(self, name: str) -> str:
        """Return where a process answers HTTP at this moment."""
        self._supervisor.keeper(name)
        return self._scene.url(name)

    def status(self) -> tuple[Status, ...]:
        """Return how each process is."""
        return self._supervisor.status()

    async def restart(self, name: str) -> None:
        """Restart a process: without a gap where it can stand beside itself, else in its place.

        Raises LocalError for a name that no process has, and StartFailed.
        """
        async with self._one_move:
            if self._supervisor.keeper(name).spec.rolls:
                await self._roll(name)
            else:
                await self._supervisor.restart(name)

    def kill(self, name: str) -> int:
        """Kill a process as a crash would (SIGKILL), and return its id; it comes back by itself."""
        pid = self._supervisor.keeper(name).pid
        if pid is None:
            raise StartFailed("it does not run at this moment", where=name)
        os.kill(pid, signal.SIGKILL)
        return pid

    async def stopped(self) -> None:
        """Wait until somebody asks the system to stop."""
        await self._stop.wait()

    def stop(self) -> None:
        """Ask the system to stop."""
        self._stop.set()

    async def start(self) -> None:
        """Start everything, and return when all is well.

        Raises StartFailed, also when somebody asks it to stop meanwhile.
        """
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self.stopped())
        try:
            await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                raise StartFailed("it was stopped before everything ran")
            starting.result()
            self.ready = True
        finally:
            stopping.cancel()
            starting.cancel()
            await asyncio.wait((starting, stopping))

    async def _start(self) -> None:
        scene = self._scene
        if not scene.home.token.exists():
            write(scene.home.token, token_urlsafe(32))
        write_json(scene.home.conductor, {"url": self.conductor_url})
        write_json(scene.home.endpoints, endpoints_of(scene))
        await self._supervisor.start()

    async def end(self) -> None:
        """End everything. What was ordered and is still being done is left undone."""
        for order in self._orders:
            order.cancel()
        async with self._one_move:
            await self._supervisor.stop()
            await asyncio.to_thread(end_leftovers, self.home)

    async def answer(self, order: Mapping[str, Any], tell: Tell) -> Any:
        """Do what was ordered at the socket."""
        match order["do"]:
            case "status":
                return self._described()
            case "restart":
                return await self._heard(tell, self.restart(order["name"]))
            case "stop":
                self.stop()
                return None
            case other:
                raise ValueError(other)

    async def _roll(self, name: str) -> None:
        spares: dict[str, int] = {}
        for spec in self._supervisor.specs:
            spares[spec.name] = free_port((*self._scene.ports.values(), *spares.values()))
        specs = successors(self._scene, spares, name)
        moved = self._scene.moved({spec.name: spec.port for spec in specs if spec.port})

        async def arrived() -> None:
            self._scene = moved
            write_json(self.home.ports, dict(moved.ports))
            write_json(self.home.endpoints, endpoints_of(moved))
            await asyncio.sleep(SETTLING)

        await self._supervisor.roll(specs, arrived)

    def _described(self) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "since": self.since,
            "ready": self.ready,
            "edge": self.edge_url,
            "conductor": self.conductor_url,
            "processes": [asdict(status) for status in self.status()],
        }

    async def _heard(self, tell: Tell, doing: Coroutine[Any, Any, None]) -> None:
        """Let whoever gave an order hear what happens meanwhile."""
        order = asyncio.create_task(doing)
        self._orders.add(order)
        self._listeners.append(tell)
        try:
            await order
        finally:
            self._listeners.remove(tell)
            self._orders.remove(order)

    def _told(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
