"""Patience: how long to wait for a server that does not answer, and when to give up."""

from matapalo.errors import StreamError

FIRST = 0.2
LONGEST = 10.0
ATTEMPTS = 20


class Patience:
    """Waits that double, and begin anew with every success."""

    def __init__(self) -> None:
        self._failures = 0

    def after(self, error: StreamError, *, progress: bool) -> float:
        """Return how many seconds to wait after a failure. Raises the error when it is enough."""
        self._failures = 1 if progress else self._failures + 1
        if self._failures > ATTEMPTS:
            raise error
        return float(min(LONGEST, FIRST * 2 ** (self._failures - 1)))
