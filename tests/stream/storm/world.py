"""Two servers, writers, and streams both ways, on the eve of a storm."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Self, TypeVar

import psycopg

from matapalo.blueprint import Table
from matapalo.errors import StreamError
from matapalo.stream.catalog import every_table
from matapalo.stream.database import connect
from matapalo.stream.job import Job
from matapalo.stream.names import Direction, Stream
from tests.stream.servers import Server, run
from tests.stream.storm.gate import Gate
from tests.stream.storm.processes import NAME, Kept, Verb
from tests.stream.storm.proxy import Proxy
from tests.stream.storm.report import Report
from tests.stream.storm.writing import Writer

DATABASE = "w"
PATIENCE = 180.0
FORWARD, REVERSE = Stream(NAME), Stream(NAME, Direction.REVERSE)

T = TypeVar("T")


class World:
    """Everything there is: `with World(…) as world`."""

    def __init__(self, schema: ModuleType, seed: int, folder: Path, writers: int = 3) -> None:
        self.schema = schema
        self.report = Report(seed)
        self.servers = (Server(), Server())
        self.streams: dict[Stream, Kept] = {}
        self.writers: list[Writer] = []
        self._folder = folder
        self._number = writers
        self._stack = ExitStack()
        self._calm = threading.Event()
        self._loading: Verb | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for server in self.servers:
                stack.callback(server.remove)
                server.start()
                run(server.url, f"CREATE DATABASE {DATABASE}")
            self.monolith, self.new = (server.of(DATABASE) for server in self.servers)
            run(self.monolith, self.schema.SCHEMA)
            with connect(self.monolith) as session:
                self._tables = tuple(Table(name=str(name)) for name in every_table(session))
            self.proxies = tuple(Proxy(server.port, self._killed) for server in self.servers)
            for proxy in self.proxies:
                stack.callback(proxy.close)
            stack.callback(self._end_streams)
            self.gate = Gate(self.monolith)
            self._begin_writing()
            stack.callback(self.calm)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    @property
    def through(self) -> tuple[str, str]:
        """The URLs of both sides as the streams have them, through the proxies."""
        one, other = (
            f"postgresql://postgres@127.0.0.1:{proxy.port}/{DATABASE}" for proxy in self.proxies
        )
        return one, other

    def job(self, stream: Stream) -> Job:
        """Return what a stream does."""
        return Job(stream, self.monolith, self.new, self._tables)

    def loading(self, *words: str) -> Verb:
        """Return a load of every table, which may be killed."""
        self._loading = self._verb("load", NAME, "--all", "--jobs", "2", *words)
        return self._loading

    def follow(self, stream: Stream) -> None:
        """Have a stream followed from now on."""
        way = ("--reverse",) if stream == REVERSE else ()
        self.streams[stream] = Kept(self._verb("follow", NAME, *way))

    def calm(self) -> None:
        """End all writing."""
        self._calm.set()
        for writer in self.writers:
            writer.join(PATIENCE)
        assert not any(writer.is_alive() for writer in self.writers), "a writer hangs"

    def _begin_writing(self) -> None:
        kind = self.schema.WRITER
        self.writers = [
            kind(n, self.report.seed, self.gate, self._calm) for n in range(self._number)
        ]
        for writer in self.writers:
            writer.start()

    def _verb(self, *words: str) -> Verb:
        return Verb(words, self.through, self._folder / f"{'-'.join(words)}.log")

    def _killed(self, application: str) -> None:
        """Kill the process that a session belongs to."""
        if "load" in application and self._loading:
            self._loading.kill()
        for stream, kept in self.streams.items():
            if application == stream.on_server:
                kept.verb.kill()

    def _end_streams(self) -> None:
        for kept in self.streams.values():
            kept.close()


def patiently(act: Callable[[], T], within: float = PATIENCE) -> T:
    """Do something that may be done twice, again until the servers let it be done."""
    deadline = time.monotonic() + within
    while True:
        try:
            return act()
        except (psycopg.Error, StreamError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
