"""Logs as they are written: started, timed, and kept from filling the disk."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from matapalo.local.files import PRIVATE_FILE

LARGEST = 10 * 1024 * 1024
"""Bytes of a log before it is put aside; the one put aside before is dropped."""
NOTE_EVERY = 0.25
"""Seconds between two looks at the logs: how exact the time of a line is."""


def times_of(log: Path) -> Path:
    """Return the file that says when a log had come how far: lines of `offset milliseconds`."""
    return log.with_name(f".{log.name.removesuffix('.log')}.times")


def aside(path: Path) -> Path:
    """Return where a file goes when it has grown too large."""
    return path.with_name(f"{path.name}.1")


def open_log(log: Path) -> int:
    """Open a log for a process to write to.

    Appending is what makes cutting it while it is written to safe: the next line starts at its new
    end.
    """
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)


def mark_start(log: Path, text: str) -> None:
    """Write a line of our own, so that a reader sees where a run began."""
    handle = open_log(log)
    with os.fdopen(handle, "a") as file:
        file.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
    _note(log)


async def keep_logs(folder: Path, complain: Callable[[str], None]) -> None:
    """Note how far each log has come, and put aside the large ones, until cancelled.

    Where that cannot be done, on a full disk for one, the system goes on; `complain` hears of it.
    """
    last = ""
    while True:
        try:
            await asyncio.to_thread(_look_after, folder)
        except OSError as error:
            if str(error) != last:
                complain(f"cannot be looked after: {error}")
            last = str(error)
        await asyncio.sleep(NOTE_EVERY)


def _look_after(folder: Path) -> None:
    for log in folder.glob("*.log"):
        _note(log)
        if log.stat().st_size > LARGEST:
            _put_aside(log)


def _note(log: Path) -> None:
    size, times = log.stat().st_size, times_of(log)
    if size <= _last_noted(times):
        return
    with os.fdopen(open_log(times), "a") as file:
        file.write(f"{size} {time.time() * 1000:.0f}\n")


def _last_noted(times: Path) -> int:
    try:
        with times.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 64))
            return int(file.read().splitlines()[-1].split()[0])
    except (FileNotFoundError, IndexError):
        return 0


def _put_aside(log: Path) -> None:
    """Copy and cut: the process holds the file open, so it cannot be renamed away from under it.

    What is written between the copy and the cut is lost, a few lines at most.
    """
    shutil.copyfile(log, aside(log))
    os.truncate(log, 0)
    times = times_of(log)
    if times.exists():
        times.replace(aside(times))
