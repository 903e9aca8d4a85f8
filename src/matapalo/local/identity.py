"""Which process is which: a process id alone is used again, an id and a time of start are not."""

import os
from dataclasses import dataclass

import psutil

MARK = "MATAPALO_HOME"
"""The environment variable that every process of a system carries: its state folder."""

SAME_START = 1.0
"""Two readings of one process's start differ by less, in seconds: the clock may be adjusted."""


@dataclass(frozen=True)
class Identity:
    """One process, and no later one with the same id."""

    pid: int
    started: float
    """When it began, in seconds since 1970."""

    def process(self) -> psutil.Process | None:
        """Return the process if it is alive; None if it is gone or its id is another's now."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < SAME_START
            return process if same and lives(process) else None
        except psutil.NoSuchProcess:
            return None


def identify(pid: int) -> Identity | None:
    """Return the identity of the process that has this id now."""
    try:
        return Identity(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def lives(process: psutil.Process) -> bool:
    """Whether a process is there and has not ended: one that nobody asks for its end lives no more.

    In a container the first process often never asks.
    """
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def marked(home: str) -> list[psutil.Process]:
    """Return every live process that carries a state folder's mark, but for us and our callers."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [p for p in psutil.process_iter() if p.pid not in ours and mark_of(p) == home]


def mark_of(process: psutil.Process) -> str | None:
    """Return the state folder that a process belongs to, where that can be told."""
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None
