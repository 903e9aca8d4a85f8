"""What every process that serves for long does at its start."""

from collections.abc import Coroutine
from typing import Any


def serving(work: Coroutine[Any, Any, None]) -> None:
    """Serve until the work ends; whoever waits for an answer does not wait for a large collection.

    What is loaded at the start lives as long as the process does. Left among what is collected, it
    is gone through again and again, and nothing else is done for ten milliseconds or more.
    """
    import asyncio
    import gc

    gc.collect()
    gc.freeze()
    asyncio.run(work)
