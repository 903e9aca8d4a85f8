"""What many tests need: waiting on a condition, a free port, an innocent look at a process."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from matapalo.local import ports

T = TypeVar("T")


def free_port() -> int:
    """Return a TCP port of the loopback that nobody uses at this moment, and no test was given.

    It is none that systems take for outgoing connections: one of those could come in between.
    """
    port = ports.free_port(_given)
    _given.add(port)
    return port


_given: set[int] = set()


def examples(few: int) -> int:
    """Return how many examples a property is tried with: `make soak` tries ten times as many."""
    return few * int(os.environ.get("MATAPALO_EXAMPLES", "1"))


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = 30, every: float = 0.02
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], *, within: float = 30, every: float = 0.02
) -> T: ...
async def eventually(
    condition: Callable[[], Any], *, within: float = 30, every: float = 0.02
) -> Any:
    """Wait until the condition answers something true, and return it.

    AssertionError and OSError count as "not yet"; after `within` seconds the last one is raised.
    """
    deadline = time.monotonic() + within
    while True:
        trouble: Exception | None = None
        try:
            value = condition()
            if isinstance(value, Awaitable):
                value = await value
            if value:
                return value
        except (AssertionError, OSError) as error:
            trouble = error
        if time.monotonic() > deadline:
            raise trouble or AssertionError(f"not within {within} s: {condition}")
        await asyncio.sleep(every)
