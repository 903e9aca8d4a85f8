"""What a sandbox prints, and the lines that Lambda adds: START, END, REPORT."""

import asyncio
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Say = Callable[[str], None]


class Output:
    """The lines of one sandbox, each marked by its log stream, in the order of writing.

    What a handler printed lies in the pipe before its answer arrives, so `drain` before END puts
    it where it belongs.
    """

    def __init__(self, mark: str, say: Say) -> None:
        self._mark = mark
        self._say = say
        self._read: int | None = None
        self._partial = b""

    @contextmanager
    def pipe(self) -> Iterator[int]:
        """Open the pipe; yields the end for a process to inherit, which is then its own."""
        self._read, write_end = os.pipe()
        os.set_blocking(self._read, False)
        asyncio.get_running_loop().add_reader(self._read, self.drain)
        try:
            yield write_end
        finally:
            os.close(write_end)

    def drain(self) -> None:
        """Write out every whole line that is there."""
        while data := self._available():
            *lines, self._partial = (self._partial + data).split(b"\n")
            for line in lines:
                self.say(line.decode(errors="replace"))

    def say(self, line: str) -> None:
        """Write a line of our own."""
        self._say(f"[{self._mark}] {line}")

    def close(self) -> None:
        """Write out the rest and let go."""
        self.drain()
        if self._partial:
            self.say(self._partial.decode(errors="replace"))
        if self._read is not None:
            asyncio.get_running_loop().remove_reader(self._read)
            os.close(self._read)
            self._read = None

    def _available(self) -> bytes:
        if self._read is None:
            return b""
        try:
            data = os.read(self._read, 65_536)
        except BlockingIOError:
            return b""
        if not data:  # the other end is closed: a reader would be called for ever
            asyncio.get_running_loop().remove_reader(self._read)
        return data


@dataclass(frozen=True)
class Report:
    """What an invocation cost. Times are in milliseconds, memory in MiB."""

    request_id: str
    duration: float
    memory: int
    used: int
    init: float | None = None
    """How long the cold start took, where it was one."""
    error_type: str = ""

    def __str__(self) -> str:
        parts = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration:.2f} ms",
            f"Billed Duration: {math.ceil(self.duration + (self.init or 0))} ms",
            f"Memory Size: {self.memory} MB",
            f"Max Memory Used: {self.used} MB",
        ]
        if self.init is not None:
            parts.append(f"Init Duration: {self.init:.2f} ms")
        if self.error_type:
            timeout = self.error_type == "Sandbox.Timedout"
            parts.append(
                "Status: timeout" if timeout else f"Status: error\tError Type: {self.error_type}"
            )
        return "\t".join(parts)
