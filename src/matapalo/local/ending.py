"""Ending a system from outside: through its supervisor, or what is left of it without one."""

import asyncio
import os
import signal
from contextlib import suppress

from matapalo.errors import LocalError, NotUp
from matapalo.local.control import order
from matapalo.local.home import Home
from matapalo.local.leftovers import end_leftovers, recall
from matapalo.local.lock import holder, holding

PATIENCE = 120.0
"""How long all processes together may take to end, in seconds."""
PAUSE = 0.05


async def end_system(home: Home) -> int:
    """End everything that runs from a state folder, and return how many processes there were."""
    if not home.folder.is_dir():
        return 0
    if not (up := holder(home)):
        with holding(home):
            return await asyncio.to_thread(end_leftovers, home)
    count = sum(1 for record in recall(home) if record.identity.process())
    try:
        await order(home, {"do": "stop"})
    except NotUp:
        # It takes no orders yet, or no more: a signal reaches it all the same.
        with suppress(ProcessLookupError):
            os.kill(int(up["pid"]), signal.SIGTERM)
    await _until_free(home)
    return count


async def _until_free(home: Home) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while up := holder(home):
        if asyncio.get_running_loop().time() > deadline:
            raise LocalError(f"process {up['pid']} does not end", where=str(home.folder))
        await asyncio.sleep(PAUSE)
