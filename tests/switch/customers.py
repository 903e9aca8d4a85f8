"""Customers: they write and read through the edges, and know what was acknowledged to them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.edge.world import Answer, Client

PATIENCE = 40.0
"""Seconds that an answer may take before it counts as none."""
REST = 0.05
"""Seconds that a customer waits after a failure."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that was not answered well."""

    at: float
    """A monotonic clock's time, in seconds."""
    what: str
    status: int
    """0 where there was no answer at all."""
    seconds: float
    text: str

    @property
    def asked_to_come_again(self) -> bool:
        """Whether its hold was over before it got through: it was told so, and nothing was done."""
        return self.status == 503 and "held" in self.text

    @property
    def refused_by_guard(self) -> bool:
        """Whether it reached a side that is closed: it was told so, and nothing was done."""
        return "MP001" in self.text

    def __str__(self) -> str:
        return f"{self.what}: {self.status or 'no answer'} after {self.seconds:.3f} s: {self.text}"


@dataclass(frozen=True, slots=True)
class Write:
    """A write that was acknowledged."""

    at: float
    seconds: float
    name: str
    by: str
    """The side that answered."""


@dataclass
class Customer:
    """One person on one connection."""

    name: str
    port: int
    acknowledged: list[Write] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    """Names of writes that nobody acknowledged: they are there once, or not at all."""
    failures: list[Failure] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    """What was read although something newer had been written."""
    read_by: list[str] = field(default_factory=list)
    """Which side answered each read."""
    _count: int = 0
    _client: Client | None = None

    async def writes(self) -> Write | None:
        """Write something new; return it if it was acknowledged."""
        self._count += 1
        name, began = f"{self.name}-{self._count}", time.monotonic()
        answer = await self._ask("POST", f'{{"name": "{name}"}}'.encode())
        if answer is None:
            self.doubtful.append(name)
            return None
        write = Write(began, time.monotonic() - began, name, answer.json()["by"])
        self.acknowledged.append(write)
        return write

    async def reads(self) -> list[str]:
        """Read one's last names; take note if the last acknowledged is not among them."""
        last = self.acknowledged[-1].name if self.acknowledged else None
        answer = await self._ask("GET", None)
        if answer is None:
            return []
        told = answer.json()
        self.read_by.append(told["by"])
        if last is not None and last not in told["names"]:
            self.stale.append(f"{last} is not in {told['names'][:3]} of the {told['by']}")
        names: list[str] = told["names"]
        return names

    def close(self) -> None:
        """Hang up."""
        if self._client:
            self._client.close()
            self._client = None

    async def _ask(self, method: str, body: bytes | None) -> Answer | None:
        began = time.monotonic()
        try:
            self._client = self._client or Client(self.port)
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.ask("/api/orders", method, body, x_customer=self.name)
        except (OSError, EOFError, TimeoutError) as error:
            self._failed(began, method, 0, repr(error))
            self.close()
            return None
        if answer.status >= 300:
            self._failed(began, method, answer.status, answer.text)
            return None
        return answer

    def _failed(self, began: float, what: str, status: int, text: str) -> None:
        took = time.monotonic() - began
        self.failures.append(Failure(began, what, status, took, text[:300]))


@dataclass
class Crowd:
    """Customers who go on and on."""

    customers: Sequence[Customer]
    pause: float = 0.0
    """Seconds between two requests of one customer."""
    readers: frozenset[str] = frozenset()
    """The names of those who only read."""

    @property
    def acknowledged(self) -> list[Write]:
        return [write for one in self.customers for write in one.acknowledged]

    @property
    def doubtful(self) -> set[str]:
        return {name for one in self.customers for name in one.doubtful}

    @property
    def failures(self) -> list[Failure]:
        return [failure for one in self.customers for failure in one.failures]

    @property
    def stale(self) -> list[str]:
        return [text for one in self.customers for text in one.stale]

    @asynccontextmanager
    async def busy(self) -> AsyncIterator["Crowd"]:
        """Have everybody write and read while the block runs."""
        over = asyncio.Event()
        tasks = [asyncio.create_task(self._live(one, over)) for one in self.customers]
        try:
            yield self
        finally:
            over.set()
            await asyncio.gather(*tasks)
            for one in self.customers:
                one.close()

    async def _live(self, one: Customer, over: asyncio.Event) -> None:
        while not over.is_set():
            before = len(one.failures)
            if one.name not in self.readers:
                await one.writes()
            await one.reads()
            await asyncio.sleep(REST if len(one.failures) > before else self.pause)


def crowd(ports: Iterable[int], *, count: int = 6, readers: int = 0, pause: float = 0.01) -> Crowd:
    """Return customers, at the doors in turn; some more of them only read."""
    doors = list(ports)
    names = [*(f"c{n}" for n in range(count)), *(f"r{n}" for n in range(readers))]
    everybody = [Customer(name, doors[n % len(doors)]) for n, name in enumerate(names)]
    return Crowd(everybody, pause, frozenset(names[count:]))
