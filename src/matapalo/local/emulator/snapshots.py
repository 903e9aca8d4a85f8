"""The emulator's state, on the disk within a second of every change.

Copying and writing a state takes time that grows with it, and requests would wait meanwhile. So a
copy of the process does it: a fork sees everything as it was between two requests, shares the
memory, and is gone when it has written.
"""

import asyncio
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from ministack import app as ministack
from ministack.core import persistence

from matapalo.local.files import write

EVERY = 1.0
"""Seconds between two snapshots."""
LARGEST_SHARE = 0.1
"""The part of all time that snapshots may take: a large state is saved less often."""
LONGEST = 60.0
"""Seconds after which a snapshot is given up. A fork has the locks of all threads and the threads
of none: it may wait for one that nobody will give back."""
ON_ITS_OWN = 10
"""Every so many rounds one is taken though nobody asked for anything: schedules act by
themselves."""


class Snapshots:
    """Saves the state after requests. A state that is the same as before is not written.

    Requests wait for the fork alone: 5 to 12 ms measured on a busy machine, with nothing in it and
    with 10,000 items alike. Copied in the process itself, those made them wait for 200 to 240 ms.
    """

    def __init__(self) -> None:
        self._touched = True

    def touch(self) -> None:
        """Remember that there was a request: it may have changed something."""
        self._touched = True

    async def keep(self, over: asyncio.Event) -> None:
        """Take a snapshot every second where there were requests, until it is over.

        None is under way when this returns, so that the last word is what is saved then.
        """
        took, rounds = 0.0, 0
        while not await _comes(over, within=max(EVERY, took / LARGEST_SHARE)):
            rounds += 1
            if self._touched or rounds % ON_ITS_OWN == 0:
                self._touched = False
                began = time.monotonic()
                await self.take()
                took = time.monotonic() - began

    async def take(self) -> None:
        """Save every service's state that changed. What cannot be saved is tried again."""
        try:
            pid = os.fork()
        except OSError as error:
            self._complain(str(error))
            return
        if pid == 0:
            _save_and_leave()
        ended = asyncio.create_task(asyncio.to_thread(os.waitpid, pid, 0))
        done, _ = await asyncio.wait((ended,), timeout=LONGEST)
        if not done:
            os.kill(pid, signal.SIGKILL)
        _, status = await ended
        if status != 0:
            self._complain(f"status {status}")

    def _complain(self, why: str) -> None:
        self._touched = True
        print(f"the state could not be saved: {why}", file=sys.stderr, flush=True)


async def _comes(event: asyncio.Event, *, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            return await event.wait()
    except TimeoutError:
        return False


def _save_and_leave() -> NoReturn:
    """In the copy: save, and never come back into what the copy was made from."""
    status = 1
    try:
        # Connections would not close, and the port not become free, while a copy has them too.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        save_all()
        status = 0
    except (OSError, TypeError, ValueError, RuntimeError):
        traceback.print_exc()
    finally:
        os._exit(status)


def save_all() -> None:
    """Write the state of every service that has one, as ministack itself reads it."""
    for name, state_of in ministack._build_persistence_save_dict().items():
        if (state := state_of()) is not None:
            _save(name, state)


def _save(name: str, state: dict[str, Any]) -> None:
    kept = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
    text = json.dumps(kept, default=persistence._json_default)
    path = Path(persistence.STATE_DIR) / f"{name}.json"
    if not path.exists() or path.read_text() != text:
        write(path, text)
