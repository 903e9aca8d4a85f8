"""The crew: several pumps side by side, each with sessions of its own, until no range is left."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import psycopg

from matapalo.errors import DatabaseRefused, LoadFailed, StreamError
from matapalo.stream import rewriting
from matapalo.stream import snapshot as snapshots
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.load.book import Book
from matapalo.stream.load.pump import Pump, Stopped
from matapalo.stream.load.ranges import Range
from matapalo.stream.load.session import target_session
from matapalo.stream.mapping import Flows
from matapalo.stream.names import Stream
from matapalo.stream.snapshot import Snapshot

LOOK = 0.1
"""How often it is told how far the copying is, in seconds."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a crew does."""

    stream: Stream
    source: str
    target: str
    flows: Flows
    snapshot: Snapshot
    expected: int
    """An estimate of the rows that are left to copy."""


@dataclass(slots=True)
class Tally:
    """What went through so far."""

    rows: int = 0
    bytes: int = 0
    ranges: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rows: int, size: int) -> None:
        """Count rows and bytes."""
        with self.lock:
            self.rows += rows
            self.bytes += size

    def range_done(self) -> None:
        """Count a range."""
        with self.lock:
            self.ranges += 1


def run(work: Work, ranges: Sequence[Range], jobs: int, tally: Tally) -> Iterator[None]:
    """Copy ranges; whoever iterates is given a turn every so often, and ends the work by closing.

    Raises LoadFailed where a server refuses a row, DatabaseSilent where one is gone, TableRewritten
    where a table cannot be read as of the snapshot any more.
    """
    crew = _Crew(work, ranges, tally)
    threads = [
        threading.Thread(target=crew.member, name=f"load {n}", daemon=True)
        for n in range(min(jobs, len(ranges)))
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive() and crew.trouble is None:
                thread.join(LOOK)
                yield
    finally:
        crew.end(threads)
    if crew.trouble is not None:
        raise crew.trouble


class _Crew:
    def __init__(self, work: Work, ranges: Sequence[Range], tally: Tally) -> None:
        self.trouble: StreamError | None = None
        self._stop = threading.Event()
        self._work = work
        self._tally = tally
        self._sessions: list[Connection] = []
        self._todo: SimpleQueue[Range] = SimpleQueue()
        for piece in ranges:
            self._todo.put(piece)

    def end(self, threads: Sequence[threading.Thread]) -> None:
        """End what is still at work, even if a server keeps it waiting."""
        self._stop.set()
        while any(thread.is_alive() for thread in threads):
            for session in tuple(self._sessions):
                _cancel(session)
            for thread in threads:
                thread.join(LOOK)

    def member(self) -> None:
        """Take one range after the other. The first trouble of any ends the work of all."""
        try:
            with answers(self._work.target):
                self._work_off()
        except Stopped:
            return
        except StreamError as error:
            if not self._stop.is_set():
                self.trouble = self.trouble or error
                self._stop.set()

    def _work_off(self) -> None:
        work = self._work
        with (
            connect(work.source, application=_name(work)) as source,
            connect(work.source, application=_name(work)) as now,
            target_session(work.target, work.stream) as target,
        ):
            self._sessions += [source, now, target]
            snapshots.enter(source, work.snapshot)
            pump = Pump(source, target, self._tally.add, self._stop)
            while not self._stop.is_set():
                try:
                    piece = self._todo.get_nowait()
                except Empty:
                    return
                self._one(pump, now, piece)

    def _one(self, pump: Pump, now: Connection, piece: Range) -> None:
        """Copy a range and note it, in one transaction."""
        flow, target = self._work.flows[piece.flow], pump.target
        try:
            with answers(target), target.transaction():
                rows = pump.run(flow, piece)
                rewriting.check(pump.source, now, flow.source.name)
                Book(target, self._work.stream).loaded(piece, rows)
        except DatabaseRefused as error:
            raise LoadFailed(
                f"{flow}: {error.what}",
                where=error.where,
                hint="Nothing of this range is in the target; what was loaded before stays. "
                "Mend it and start the load again.",
            ) from None
        self._tally.range_done()


def _name(work: Work) -> str:
    return f"matapalo load {work.stream.name}"


def _cancel(session: Connection) -> None:
    """Cancel what a session waits for; if that cannot be, its end is near anyway."""
    try:
        session.cancel_safe(timeout=LOOK)
    except psycopg.Error:
        return
