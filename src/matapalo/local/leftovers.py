"""What a killed `up` left running: found and ended, and nothing else.

    processes.json (id and time of start) ─▶ asked to end, as each wants to be asked
    the mark in the environment ───────────▶ whatever else carries this state folder's mark

The record says how to end a process well; the mark finds what is not in it: processes that others
started, and one that was started in the moment before it could be recorded. A process id that was
used again belongs to a process with another time of start, and is left alone.
"""

import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from matapalo.local.files import read_json, write_json
from matapalo.local.home import Home
from matapalo.local.identity import Identity, lives, mark_of, marked

PAUSE = 0.02
GRACE = 10.0
"""How long what was left may take to end, in seconds."""


@dataclass(frozen=True)
class Record:
    """A process as it is remembered."""

    name: str
    identity: Identity
    stop: signal.Signals


def remember(home: Home, records: Iterable[Record]) -> None:
    """Write down every process that runs."""
    write_json(
        home.processes,
        [
            {"name": r.name, "pid": r.identity.pid, "started": r.identity.started, "stop": r.stop}
            for r in records
        ],
    )


def recall(home: Home) -> list[Record]:
    """Return what was written down last."""
    return [
        Record(e["name"], Identity(e["pid"], e["started"]), signal.Signals(e["stop"]))
        for e in read_json(home.processes) or []
    ]


def leftovers(home: Home) -> list[psutil.Process]:
    """Return every process of an earlier run that is still there."""
    found = {p.pid: p for p in marked(str(home.folder))}
    found.update((p.pid, p) for p, _ in _recorded(home))
    return list(found.values())


def end_leftovers(home: Home, grace: float = GRACE) -> int:
    """End what an earlier run left, the last started first, and return how many there were."""
    recorded = _recorded(home)
    for process, how in reversed(recorded):
        _send(process, how)
    _wait((process for process, _ in recorded), grace)
    rest = leftovers(home)  # some ended with those that had started them
    for how in (signal.SIGTERM, signal.SIGKILL):
        for process in rest:
            _send(process, how)
        _wait(rest, grace)
    remember(home, [])
    return len({p.pid for p, _ in recorded} | {p.pid for p in rest})


def _recorded(home: Home) -> list[tuple[psutil.Process, signal.Signals]]:
    living = ((record.identity.process(), record.stop) for record in recall(home))
    return [(p, how) for p, how in living if p and mark_of(p) in {str(home.folder), None}]


def _wait(processes: Iterable[psutil.Process], grace: float) -> None:
    """Wait until all have ended, or their grace is over."""
    waiting, deadline = list(processes), time.monotonic() + grace
    while waiting and time.monotonic() < deadline:
        time.sleep(PAUSE)
        waiting = [process for process in waiting if lives(process)]


def _send(process: psutil.Process, how: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(how)
