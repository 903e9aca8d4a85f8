"""The stream's processes, started again whenever they end, as a supervisor would."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

NAME = "storm"


@dataclass
class Verb:
    """A verb of `matapalo stream`, as a process that may be killed."""

    words: tuple[str, ...]
    urls: tuple[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it."""
        env = {
            **os.environ,
            "MATAPALO_SOURCE_URL": self.urls[0],
            "MATAPALO_TARGET_URL": self.urls[1],
        }
        command = [sys.executable, "-m", "matapalo", "stream", *self.words]
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        return self.process

    def kill(self) -> None:
        """Kill it as the kernel does when memory is short."""
        process = self.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGKILL)

    @property
    def said(self) -> str:
        """What it said last."""
        told = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"matapalo stream {' '.join(self.words)}:\n{told[-2000:]}"

    def until_done(self, within: float) -> None:
        """Run it, and again whatever ends it, until it ends well."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.start().wait() == 0:
                return
            time.sleep(0.2)
        raise AssertionError(f"it does not end: {self.said}")


class Kept:
    """A verb that is kept alive."""

    def __init__(self, verb: Verb) -> None:
        self.verb = verb
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask it to end, and keep it no longer."""
        self._over.set()
        self._thread.join(60)
        if self._thread.is_alive():
            self.verb.kill()
            raise AssertionError(f"it does not end: {self.verb.said}")

    def _keep(self) -> None:
        while not self._over.is_set():
            process = self.verb.start()
            while process.poll() is None:
                if self._over.wait(0.02):
                    process.send_signal(signal.SIGTERM)
                    process.wait()
