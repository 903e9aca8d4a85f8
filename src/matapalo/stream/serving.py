"""Serving a stream: one process, for ever, that works on it whenever it is wanted.

    wanted ──▶ load what is not loaded ──▶ follow ──▶ not wanted any more, or told to end
       ▲           (forward only)            │
       ├──────────── after a while ◀── trouble, said in the row
       ╰───── when it is wanted anew ◀── lost: only a new load helps

The new side is closed to all but the stream from the moment its tables are there, so that whoever
finds the load ended finds it closed.
"""

import os
import random
import socket
import threading

from matapalo.errors import DatabaseSilent, SlotLost, StreamBusy, StreamError, UnknownStream
from matapalo.stream import control, guard
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.duty import Say, on_duty
from matapalo.stream.follow import Orders
from matapalo.stream.guard import Guard
from matapalo.stream.job import Job
from matapalo.stream.load import Order, Trouble, load
from matapalo.stream.process import LOST, run
from matapalo.stream.wanted import Wanted

THE_MONOLITH = "the monolith"
"""Who owns tables that are closed on the new side, for people."""
_SHORTEST, _LONGEST = 0.2, 10.0
_CLOSING = 10.0
"""Seconds that writers to the new side's tables may take to end."""


class Server:
    """Serves one stream, until told to end."""

    def __init__(self, job: Job, say: Say) -> None:
        self._job = job
        self._say = say
        self._wanted = Wanted(job.target, job.stream, say)
        self._wait = _SHORTEST

    def end(self) -> None:
        """Have it end in an orderly way, soon."""
        self._wanted.stop()

    def serve(self) -> None:
        """Work whenever the stream is wanted."""
        with on_duty([self._wanted]):
            while self._wanted.begin():
                self._say("wanted")
                self._turn()

    def _turn(self) -> None:
        """Work until the stream is not wanted any more, or something is in the way."""
        try:
            self._work()
        except (SlotLost, UnknownStream) as lost:
            self._troubled(LOST, lost)
        except StreamError as trouble:
            lost_session = isinstance(trouble, DatabaseSilent | StreamBusy)
            self._troubled("retrying" if lost_session else "waiting", trouble)
        else:
            self._wait = _SHORTEST
            self._say("idle")

    def _work(self) -> None:
        try:
            if not self._job.forward or self._load():
                self._follow()
        finally:
            self._wanted.done()

    def _load(self) -> bool:
        """Copy what is not copied yet; return whether it came to its end."""
        job, stop = self._job, threading.Event()
        order = Order(job.stream, job.source, job.target, job.tables, stop=stop, made=self._close)
        self._loading(stop, "")
        for event in load(order):
            if isinstance(event, Trouble):
                self._loading(stop, event.what)
            self._say("load", what=str(event))
        return not stop.is_set()

    def _loading(self, stop: threading.Event, trouble: str) -> None:
        self._wanted.doing(stop.set, phase="loading", trouble=trouble, process=_process())

    def _close(self, target: Connection) -> None:
        with answers(target):
            meant = new_side_closed(self._job)
            guard.close(target, self._job.at_new, meant, within=_CLOSING)

    def _follow(self) -> None:
        orders = Orders()
        self._wanted.doing(orders.stop)
        if not orders.stopping:
            run(self._job, orders, self._say)

    def _troubled(self, phase: str, trouble: StreamError) -> None:
        """Say what is wrong in the row; begin again after a while, or when it is wanted anew."""
        self._say("trouble", phase=phase, what=str(trouble))
        stream, ends = self._job.stream, phase == LOST
        try:
            with connect(self._job.target) as target:
                control.troubled(target, stream, phase=phase, trouble=trouble.what, ends=ends)
        except StreamError as silent:
            self._say("trouble", what=silent.what)
        self._wanted.pause(self._wait * random.uniform(0.5, 1))  # noqa: S311 - spreads attempts
        self._wait = min(2 * self._wait, _LONGEST)


def new_side_closed(job: Job) -> Guard:
    """Return what the new side's tables answer while the monolith owns them."""
    forward = job.stream if job.forward else job.stream.opposite
    return Guard(job.stream.name, THE_MONOLITH, forward.on_server)


def _process() -> str:
    return f"{os.getpid()}@{socket.gethostname()}"
