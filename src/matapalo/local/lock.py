"""One `up` a state folder: a lock that the kernel lets go of when its holder dies, however."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from matapalo.errors import AlreadyUp
from matapalo.local.files import PRIVATE_FILE
from matapalo.local.home import Home


@contextmanager
def holding(home: Home) -> Iterator[None]:
    """Hold the folder's lock. Raises AlreadyUp, naming the holder, if another process has it."""
    with os.fdopen(os.open(home.lock, os.O_RDWR | os.O_CREAT, PRIVATE_FILE), "r+") as file:
        _take(file, home)
        file.truncate()
        json.dump({"pid": os.getpid(), "started": time.time()}, file)
        file.flush()
        yield


def holder(home: Home) -> dict[str, float] | None:
    """Return who holds the folder's lock (`pid`, `started`); None if nobody does."""
    try:
        with home.lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _holder(home.lock.read_text())


def _take(file: IO[str], home: Home) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = _holder(file.read())
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(other["started"]))
        raise AlreadyUp(
            f"process {other['pid']:.0f} runs this system since {since}",
            where=str(home.folder),
            hint="`matapalo status` tells about it, `matapalo down` ends it",
        ) from None


def _holder(text: str) -> dict[str, float]:
    """The lock is taken a moment before its holder has written who it is."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return {"pid": 0, "started": time.time()}
