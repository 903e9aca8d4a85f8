"""Following for as long as it takes: runs, and what is done between them."""

import gc
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from matapalo.errors import (
    DatabaseSilent,
    MatapaloError,
    SlotLost,
    StreamBusy,
    StreamError,
    UnknownStream,
)
from matapalo.stream.apply import Applied
from matapalo.stream.follow.orders import Orders
from matapalo.stream.follow.run import Run, Tell
from matapalo.stream.follow.state import Phase, State
from matapalo.stream.follow.task import Task
from matapalo.stream.lsn import BEGINNING

_SHORTEST, _LONGEST = 0.1, 10.0


def follow(task: Task, orders: Orders, tell: Tell) -> None:
    """Keep a target current until told to stop.

    `tell` hears of every change of phase, and once a second besides. Raises SlotLost and
    UnknownStream, about which nothing can be done by trying again.
    """
    wait = _SHORTEST
    applied = Applied(BEGINNING)
    tell(State(Phase.CONNECTING))
    with _tuned():
        while not orders.stopping:
            run = Run(task, orders, tell)
            trouble = _trouble(run)
            wait = _SHORTEST if run.applied > applied else min(wait * 2, _LONGEST)
            applied = max(applied, run.applied)
            if trouble is None:
                break
            tell(State(_phase(trouble), applied, trouble=str(trouble)))
            orders.wait(wait * random.uniform(0.5, 1))  # noqa: S311 - spreads attempts, keeps no secret
        tell(State(Phase.STOPPED, applied))


def _trouble(run: Run) -> MatapaloError | None:
    """Run, and return why it ended; nothing where it was told to."""
    try:
        run.run()
    except (SlotLost, UnknownStream):
        raise
    except StreamError as trouble:
        return trouble
    return None


def _phase(trouble: MatapaloError) -> Phase:
    lost = isinstance(trouble, DatabaseSilent | StreamBusy)
    return Phase.RETRYING if lost else Phase.WAITING


@contextmanager
def _tuned() -> Iterator[None]:
    """Set the interpreter up for two busy threads and very many small objects without cycles."""
    switch, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(0.0005)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        sys.setswitchinterval(switch)
        gc.set_threshold(*threshold)
        gc.unfreeze()
