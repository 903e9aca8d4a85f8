"""Writers who know what was acknowledged, whatever happens to their servers meanwhile."""

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tests.stream.storm.gate import Gate


@dataclass
class Record:
    """What became of a writer's transactions."""

    acknowledged: list[str] = field(default_factory=list)
    """The server said that it is committed."""
    doubtful: list[str] = field(default_factory=list)
    """The server died between COMMIT and its answer: it is there once, or not at all."""
    refused: list[str] = field(default_factory=list)
    """Errors that no writer should meet."""


class Writer(ABC, threading.Thread):
    """One session that writes without a pause to whichever side the gate names."""

    def __init__(self, number: int, seed: int, gate: Gate, stop: threading.Event) -> None:
        super().__init__(name=f"{type(self).__name__} {number}", daemon=True)
        self.record = Record()
        self.random = random.Random(seed * 1000 + number)
        self.number = number
        self._gate = gate
        self._stopping = stop
        self._session: psycopg.Connection[tuple[object, ...]] | None = None
        self._side = ""

    @abstractmethod
    def write(self, session: psycopg.Connection[tuple[object, ...]]) -> str:
        """Write something within a transaction, and return the name it can be found by."""

    def run(self) -> None:
        """Write until told to stop."""
        while not self._stopping.is_set():
            with self._gate.passing() as url:
                self._once(url)
        self._forget()

    def _once(self, url: str) -> None:
        try:
            session = self._to(url)
            name = self.write(session)
        except psycopg.Error as error:
            self._failed(error)
            return
        try:
            session.execute("COMMIT")
        except psycopg.OperationalError as error:
            self.record.doubtful.append(name)
            self._failed(error)
        else:
            self.record.acknowledged.append(name)

    def _to(self, url: str) -> psycopg.Connection[tuple[object, ...]]:
        if self._session is None or self._side != url or self._session.closed:
            self._forget()
            self._session = psycopg.connect(url, connect_timeout=5, autocommit=True)
            self._session.execute("SET synchronous_commit = on")
            self._side = url
        self._session.execute("BEGIN")
        return self._session

    def _failed(self, error: psycopg.Error) -> None:
        self._forget()
        expected = (
            psycopg.OperationalError,  # a killed server, a deadlock, a serialization failure
            psycopg.errors.UniqueViolation,  # two writers met
        )
        if not isinstance(error, expected):
            self.record.refused.append(f"{error.sqlstate} {error}")
        time.sleep(self.random.uniform(0.005, 0.02))

    def _forget(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


@contextmanager
def writing(writers: list[Writer], stop: threading.Event) -> Iterator[None]:
    """Have writers write while the block runs."""
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        stop.set()
        for writer in writers:
            writer.join(120)
        assert not any(writer.is_alive() for writer in writers), "a writer hangs"
