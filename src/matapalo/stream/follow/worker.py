"""The worker: a thread that applies one batch at a time, while the next one is being gathered."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from matapalo.stream.apply import Applied, Applier, Parcel
from matapalo.stream.lsn import Lsn


class Worker:
    """Owns an applier: only its thread uses the applier's session."""

    def __init__(self, applier: Applier, done: Callable[[], None]) -> None:
        """Begin; `done` is called, from the thread, whenever something is finished."""
        self.applied: Applied = applier.applied
        self._applier = applier
        self._done = done
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="applier")
        self._work: Future[Applied] | None = None

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
        """Whether it waits for work. Raises what went wrong with the last, if anything did."""
        if self._work is None:
            return True
        if not self._work.done():
            return False
        work, self._work = self._work, None
        self.applied = work.result()
        return True

    def give(self, work: Parcel | Lsn) -> None:
        """Give it a parcel to apply, or a position to note. It has to be free."""
        self._work = self._thread.submit(self._do, work)
        self._work.add_done_callback(lambda _: self._done())

    def _do(self, work: Parcel | Lsn) -> Applied:
        if isinstance(work, Parcel):
            return self._applier.apply(work)
        return self._applier.note(work)
