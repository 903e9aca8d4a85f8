"""`matapalo stream` as a person runs it: real processes, two real databases."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.stream.servers import database, fetch

T = TypeVar("T")


@dataclass(frozen=True)
class Two:
    """Two databases, and the verbs between them."""

    source: str
    target: str

    def matapalo(self, *words: str, status: int | None = 0) -> str:
        """Run a verb to its end and return what it said; by default it has to end well."""
        done = subprocess.run(
            _command(*words),
            env=self._env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = done.stdout + done.stderr
        assert status is None or done.returncode == status, said
        return said

    def json(self, *words: str, status: int | None = 0) -> Any:
        """Run a verb with --json and return what it printed."""
        done = subprocess.run(
            _command(*words, "--json"), env=self._env, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def following(self, *words: str) -> Iterator["subprocess.Popen[str]"]:
        """Have a stream followed while the block runs."""
        process = subprocess.Popen(
            _command("follow", *words), env=self._env, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            finally:
                process.kill()

    @property
    def _env(self) -> dict[str, str]:
        return {
            **os.environ,
            "MATAPALO_SOURCE_URL": self.source,
            "MATAPALO_TARGET_URL": self.target,
            "COLUMNS": "200",
        }


def two(server: str, other: str | None = None) -> Two:
    """Return two new databases, on one server or on two."""
    return Two(database(server), database(other or server))


def until(condition: Callable[[], T], within: float = 60) -> T:
    """Wait for something to become true."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "it does not become true"
        time.sleep(0.05)
    return found


def same(two: Two, query: str) -> bool:
    """Return whether both sides answer alike."""
    return fetch(two.source, query) == fetch(two.target, query)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "matapalo", "stream", *words]
