"""One process that we started: spawned, watched, ended."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from matapalo.errors import StartFailed
from matapalo.local.identity import Identity, identify, mark_of
from matapalo.local.logs import open_log
from matapalo.local.spec import Command


class Child:
    """A process in a session of its own, writing to its log, marked with its state folder."""

    def __init__(self, process: asyncio.subprocess.Process, identity: Identity, home: str) -> None:
        self._process = process
        self.identity = identity
        self._home = home

    @classmethod
    async def spawn(cls, command: Command, log: Path, home: str) -> "Child":
        """Start it. Raises StartFailed if the program or its folder is not there."""
        output = open_log(log)
        try:
            process = await asyncio.create_subprocess_exec(
                *command.words,
                cwd=command.folder,
                env=dict(command.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise StartFailed(
                f"{command.words[0]} cannot be started: {error.strerror}",
                where=str(command.folder),
                hint="see the command and the folder in the blueprint",
            ) from error
        finally:
            os.close(output)
        # One that has ended already is given an identity that nobody has.
        return cls(process, identify(process.pid) or Identity(process.pid, 0), home)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    async def ended(self) -> int:
        """Wait until it ends, and return its exit status (-N: by signal N)."""
        return await self._process.wait()

    async def stop(self, how: signal.Signals, grace: float) -> None:
        """Ask it to end; kill it when its grace is over. What it started goes with it."""
        self.send(how)
        try:
            await asyncio.wait_for(self.ended(), grace)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self.ended()
        self.end_heirs()

    def send(self, how: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        with suppress(ProcessLookupError):
            self._process.send_signal(how)

    def end_heirs(self) -> None:
        """Kill what it started and left behind in its session: it may hold the port."""
        for process in psutil.process_iter():
            heir = process.pid != self.pid and _session(process.pid) == self.pid
            if heir and mark_of(process) == self._home:
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None
