"""The worker: a thread that applies one batch at a time, while the next one is being gathered."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from matapalo.stream.apply import Applied, Applier, Parcel
from matapalo.stream.lsn import Lsn


class Worker:
    """Owns an applier: only its thread uses the applier's session.

    It can be given more than it is at. What it has been given, nothing can hold any more.
    """

    def __init__(self, applier: Applier, done: Callable[[], None]) -> None:
        """Begin; `done` is called, from the thread, whenever something is finished."""
        self.applied: Applied = applier.applied
        self._applier = applier
        self._done = done
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="applier")
        self._works: deque[Future[Applied]] = deque()
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let it finish what it is at, and end it."""
        self._thread.shutdown()
        self.applied = self._applier.applied

    @property
    def free(self) -> bool:
        """Whether it waits for work. Raises what went wrong, if anything did."""
        return not self.unfinished

    @property
    def unfinished(self) -> int:
        """How much of what it was given is not done yet. Raises what went wrong."""
        while self._works and self._works[0].done():
            self.applied = self._works.popleft().result()
        return len(self._works)

    def give(self, work: Parcel | Lsn) -> None:
        """Give it a parcel to apply, or a position to note."""
        future = self._thread.submit(self._do, work)
        self._works.append(future)
        future.add_done_callback(lambda _: self._done())

    def _do(self, work: Parcel | Lsn) -> Applied:
        if self._failed:
            return self._applier.applied  # nothing may follow what is missing
        try:
            if isinstance(work, Parcel):
                return self._applier.apply(work)
            return self._applier.note(work)
        except BaseException:
            self._failed = True
            raise
