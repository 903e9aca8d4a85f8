"""A load at a steady rate, in a process of its own: requests leave when they are due, not when the
one before is answered, and each is timed from the moment at which it was due.
"""

import asyncio
import gc
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Flag
from queue import SimpleQueue
from typing import Protocol

from tests.edge.world import Client

WARM = 2.0
"""Seconds at the beginning that do not count."""
WELL = 300
"""An answer of this status or above is a failure."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer."""

    due: float
    """A monotonic clock's time, in seconds; every process of this machine has the same."""
    seconds: float
    write: bool
    failed: str = ""

    @property
    def answered(self) -> float:
        return self.due + self.seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """What is asked."""

    port: int
    per_second: int
    writes: int
    """Every so many requests, one is a write; 5 is a fifth of them."""
    user: str


class Told(Protocol):
    """What a process puts its figures into."""

    def put(self, item: list[Asked], /) -> None: ...


def load(rate: Rate, over: Flag, told: Told) -> None:
    """Ask until it is over; then tell what came."""
    # Every request is remembered: going through all of them takes tens of milliseconds.
    gc.disable()
    told.put(asyncio.run(_Load(rate).run(over)))


class _Load:
    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._idle: SimpleQueue[Client] = SimpleQueue()
        self._asked: list[Asked] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, over: Flag) -> list[Asked]:
        began, number = time.monotonic(), 0
        while not over.is_set():
            due = began + number / self._rate.per_second
            if (early := due - time.monotonic()) > 0:
                await asyncio.sleep(early)
            task = asyncio.create_task(self._ask(number, due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            number += 1
        await asyncio.gather(*self._tasks)
        while not self._idle.empty():
            self._idle.get().close()
        return [one for one in self._asked if one.due > began + WARM]

    async def _ask(self, number: int, due: float) -> None:
        write = number % self._rate.writes == 0
        client = self._idle.get() if not self._idle.empty() else Client(self._rate.port)
        user = f"{self._rate.user}-{number % 97}"
        method = "POST" if write else "GET"
        body = f'{{"name": "{self._rate.user}-{number}"}}'.encode() if write else None
        try:
            answer = await client.ask("/api/orders", method, body, x_customer=user)
        except (OSError, EOFError) as error:
            client.close()
            failed = repr(error)
        else:
            failed = "" if answer.status < WELL else f"{answer.status} {answer.text[:200]}"
            self._idle.put(client)
        self._asked.append(Asked(due, time.monotonic() - due, write, failed))
