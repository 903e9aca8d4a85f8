"""One move under way, and whoever follows it.

A step that has begun goes on to its end when its follower goes away. No further step is begun then,
and waiting for gates ends: nothing new happens that nobody is there to see.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from matapalo.conductor.events import Event
from matapalo.errors import MatapaloError

Walk = Callable[["Journey"], Awaitable[None]]


class Journey:
    """A task that walks, and the events it tells."""

    def __init__(self, text: str, walk: Walk) -> None:
        self.text = text
        """What it is about, for whoever finds the slice busy."""
        self.left = asyncio.Event()
        """Set once nobody follows any more."""
        self._idle = asyncio.Event()
        self._told: asyncio.Queue[Event | None] = asyncio.Queue()
        self._trouble: MatapaloError | None = None
        self.task = asyncio.create_task(self._travel(walk))

    def tell(self, event: Event) -> None:
        """Tell the follower."""
        self._told.put_nowait(event)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark a time in which nothing is being written: it may end here."""
        self._idle.set()
        try:
            yield
        finally:
            self._idle.clear()

    async def follow(self) -> AsyncGenerator[Event, None]:
        """Give the events as they come. Raises what ended the move, if it did not arrive."""
        try:
            while (event := await self._told.get()) is not None:
                yield event
            await self.ended()
        finally:
            self.left.set()

    async def ended(self) -> None:
        """Wait for the end. Raises what ended the move, if it did not arrive."""
        await asyncio.wait([self.task])
        if self._trouble:
            raise self._trouble
        self.task.result()

    async def give_way(self, why: MatapaloError) -> None:
        """End as soon as nothing is being written: where it waits, or when its step is done."""
        self.left.set()
        self._trouble = why
        while not self.over and not self.idle:
            idle = asyncio.create_task(self._idle.wait())
            await asyncio.wait([self.task, idle], return_when=asyncio.FIRST_COMPLETED)
            idle.cancel()
        await self.stop(why)

    async def stop(self, why: MatapaloError) -> None:
        """End wherever it is; the ledger knows how far it came."""
        if not self.task.done():
            self._trouble = why
            self.task.cancel()
        await asyncio.wait([self.task])

    @property
    def idle(self) -> bool:
        """Whether it waits, and nothing is being written."""
        return self._idle.is_set()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.task.done()

    async def _travel(self, walk: Walk) -> None:
        try:
            await walk(self)
        except MatapaloError as error:
            self._trouble = error
        finally:
            self._told.put_nowait(None)
