"""A desk: one thread, and sessions that stay open between what is asked of it.

    ask(work) ──▶ queue ──▶ thread: work(sessions) ──▶ answer
        ╰── too late: its sessions are cut, so that the thread is free again

What is asked is done in order, one thing at a time. A session that turns out to be lost is opened
anew, and the work done again: all of it may be.
"""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Generic, TypeVar

import psycopg

from matapalo.errors import DatabaseSilent
from matapalo.stream.database import Connection, connect, place, told

Key = TypeVar("Key")
T = TypeVar("T")


class Sessions(Generic[Key]):
    """Sessions with some databases, opened when they are first asked for."""

    def __init__(self, urls: Mapping[Key, str], application: str, patience: int) -> None:
        self._urls = urls
        self._application = application
        self._patience = patience
        self._open: dict[Key, Connection] = {}
        self._plugs: list[socket.socket] = []
        self._lock = threading.Lock()
        self.fresh = True
        """Whether every one was opened since `tidy`."""

    def __getitem__(self, key: Key) -> Connection:
        """Return the session with a database. Raises DatabaseSilent or DatabaseRefused."""
        if key not in self._open:
            url = self._urls[key]
            session = connect(url, application=self._application, patience=self._patience)
            # A descriptor of our own: the session's may be another one's by the time it is cut.
            plug = socket.socket(fileno=os.dup(session.fileno()))
            with self._lock:
                self._open[key] = session
                self._plugs.append(plug)
        return self._open[key]

    def tidy(self) -> None:
        """Forget every session if one is lost."""
        if any(session.closed for session in self._open.values()):
            self.close()
        self.fresh = not self._open

    def cut(self) -> None:
        """End what they wait for; from any thread."""
        with self._lock:
            for plug in self._plugs:
                with suppress(OSError):
                    plug.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End them all."""
        for session in self._open.values():
            session.close()
        with self._lock:
            self._open.clear()
            for plug in self._plugs:
                plug.close()
            self._plugs.clear()

    def __str__(self) -> str:
        return ", ".join(place(url) for url in self._urls.values())


Work = Callable[[Sessions[Key]], T]


class Desk(Generic[Key]):
    """Does one thing after the other with its sessions."""

    def __init__(self, urls: Mapping[Key, str], application: str, *, patience: int = 5) -> None:
        self._sessions: Sessions[Key] = Sessions(urls, application, patience)
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._name = application

    async def ask(self, work: Work[Key, T], *, within: float) -> T:
        """Have something done. Raises DatabaseSilent where that takes longer."""
        future: Future[T] = Future()
        self._jobs.put(lambda: self._do(work, future))
        self._begin()
        try:
            async with asyncio.timeout(within):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            self._sessions.cut()
            raise DatabaseSilent(
                f"there was no answer within {within:g} s", where=str(self._sessions)
            ) from None

    def end(self) -> None:
        """End its sessions and its thread."""
        self._jobs.put(None)
        self._sessions.cut()

    def _begin(self) -> None:
        if self._thread is None:
            # A daemon: a server that does not answer must not keep the process from ending.
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        self._sessions.close()

    def _do(self, work: Work[Key, T], future: "Future[T]") -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self._twice(work))
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            future.set_exception(error)

    def _twice(self, work: Work[Key, T]) -> T:
        self._sessions.tidy()
        fresh = self._sessions.fresh
        try:
            return self._once(work)
        except DatabaseSilent:
            self._sessions.tidy()
            if fresh or not self._sessions.fresh:
                raise
            return self._once(work)

    def _once(self, work: Work[Key, T]) -> T:
        try:
            return work(self._sessions)
        except psycopg.Error as error:
            raise told(error, str(self._sessions)) from None


async def apart(work: Callable[[], T]) -> T:
    """Do something that takes its time in a thread of its own, which keeps no process alive."""
    future: Future[T] = Future()

    def do() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            future.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    return await asyncio.wrap_future(future)
