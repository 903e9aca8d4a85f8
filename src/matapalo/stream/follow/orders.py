"""What a following stream is asked to do, from any thread."""

import threading
from collections.abc import Callable


class Orders:
    """Hold, go on, stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit: int | None = None
        self._stop = False
        self._stop_there = False
        self._changed = threading.Event()
        self._wake: Callable[[], None] | None = None

    @property
    def limit(self) -> int | None:
        """Transactions that end behind this position have to wait; None lets all pass."""
        return self._limit

    @property
    def stopping(self) -> bool:
        """Whether it is to end."""
        return self._stop

    @property
    def stops_at_limit(self) -> bool:
        """Whether it is to end where it would stand still."""
        return self._stop_there

    def hold(self, limit: int = 0) -> None:
        """Stand still right here, or before a position: all that ends by then is applied."""
        self._set(limit=limit)

    def go_on(self) -> None:
        """Hold no longer."""
        self._set(limit=None)

    def stop(self) -> None:
        """End once what is on its way to the target is there."""
        self._set(limit=self._limit, stop=True)

    def stop_at(self, position: int) -> None:
        """End when everything up to a position is applied, and nothing behind it."""
        self._set(limit=position, stop_there=True)

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until the next order."""
        self._changed.wait(seconds)
        self._changed.clear()

    def waking(self, wake: Callable[[], None] | None) -> None:
        """Say what else to do when an order comes."""
        with self._lock:
            self._wake = wake

    def _set(self, *, limit: int | None, stop: bool = False, stop_there: bool = False) -> None:
        with self._lock:
            self._limit = limit
            self._stop = self._stop or stop
            self._stop_there = self._stop_there or stop_there
            self._changed.set()
            if self._wake:
                self._wake()
