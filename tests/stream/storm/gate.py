"""The gate: what the edge does at a switch, in a few lines. Writers wait, none fails."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets writers through to the side that owns the tables."""

    def __init__(self, owner: str) -> None:
        self._change = threading.Condition()
        self._held = False
        self._inside = 0
        self.owner = owner
        """The URL that is written to."""

    @contextmanager
    def passing(self) -> Iterator[str]:
        """Be on one's way to the owner; held while the gate is closed."""
        with self._change:
            self._change.wait_for(lambda: not self._held)
            self._inside += 1
            owner = self.owner
        try:
            yield owner
        finally:
            with self._change:
                self._inside -= 1
                self._change.notify_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold new writers, and wait for those on their way."""
        with self._change:
            self._held = True
            self._change.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._change:
                self._held = False
                self._change.notify_all()
