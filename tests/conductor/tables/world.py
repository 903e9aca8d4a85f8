"""Two servers, a slice with tables, the processes of its streams, and the hand that asks them."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from ruamel.yaml import YAML

from matapalo.blueprint import Blueprint
from matapalo.conductor.data import Side
from matapalo.conductor.tables import Tables
from matapalo.errors import StreamError, SwitchUnready
from matapalo.stream.databases import Databases
from matapalo.stream.names import Direction
from tests.stream.servers import Server, fetch, run
from tests.stream.storm import bank
from tests.stream.storm.gate import Gate
from tests.stream.storm.writing import Writer
from tests.support import eventually

SLICE = "bank"
WAYS = (Direction.FORWARD, Direction.REVERSE)
PATIENCE = 90.0

T = TypeVar("T")


def blueprint(tables: Iterable[str]) -> str:
    return blueprint_of("".join(f"      - {table}\n" for table in tables))


def blueprint_of(tables: str) -> str:
    """Return the blueprint; the tables as a YAML list."""
    return f"""
name: town
monolith:
  url: http://127.0.0.1:1
  database: {{name: town, url: "postgresql://127.0.0.1:3/town"}}
products:
  money:
    services:
      bank: {{url: "http://127.0.0.1:2", uses: [vault]}}
    stores:
      vault: {{kind: aurora}}
slices:
  {SLICE}:
    to: money/bank
    tables:
{tables}"""


class Process:
    """`matapalo stream run`, kept running as a supervisor would."""

    def __init__(self, words: list[str], log: Path) -> None:
        self._words = words
        self._log = log
        self._over = threading.Event()
        self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def end(self) -> int:
        """End it in the orderly way, and return its status."""
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "matapalo", "stream", "run", *self._words],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def _keep(self) -> None:
        while not self._over.wait(0.05):
            if self.process.poll() is not None:
                self._start()


class World:
    """Everything there is."""

    def __init__(self, folder: Path, schema: ModuleType = bank) -> None:
        self.schema = schema
        self.servers = {side: Server() for side in Side}
        self.file = folder / "matapalo.yaml"
        self.file.write_text(blueprint(schema.TABLES))
        self._folder = folder
        self.processes: dict[Direction, Process] = {}
        self.stack = ExitStack()
        self._turn = 0

    def __enter__(self) -> "World":
        with ExitStack() as stack:
            for server in self.servers.values():
                stack.callback(server.remove)
                server.start()
                run(server.url, "CREATE DATABASE town")
            run(self.url(Side.MONOLITH), self.schema.SCHEMA)
            self.databases = Databases(
                monolith=self.url(Side.MONOLITH), stores={"money/vault": self.url(Side.NEW)}
            )
            self.described = Blueprint.model_validate(_parsed(self.file))
            self.gate = Gate(self.url(Side.MONOLITH))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *problem: object) -> None:
        self.stack.close()

    def url(self, side: Side) -> str:
        return self.servers[side].of("town")

    @property
    def owner(self) -> Side:
        return Side.MONOLITH if self.gate.owner == self.url(Side.MONOLITH) else Side.NEW

    def serve(self) -> None:
        """Start the streams' processes."""
        file = self._folder / "databases.json"
        file.touch(mode=0o600)
        file.write_text(self.databases.model_dump_json())
        for way in WAYS:
            words = [SLICE, *(("--reverse",) if way is Direction.REVERSE else ())]
            words += ["--blueprint", str(self.file), "--databases", str(file)]
            process = Process(words, self._folder / f"{way}.log")
            self.processes[way] = process
            self.stack.callback(process.end)

    def hand(self) -> Tables:
        """Return a hand of this world's."""
        tables = Tables(self.described, self.databases)
        self.stack.callback(tables.end)
        return tables

    def turn(self) -> int:
        self._turn += 1
        return self._turn

    @contextmanager
    def writing(self, count: int = 3) -> Iterator[list[Writer]]:
        """Have people write through the gate while the block runs."""
        stop = threading.Event()
        writers = [self.schema.WRITER(n, n, self.gate, stop) for n in range(count)]
        for writer in writers:
            writer.start()
        try:
            yield writers
        finally:
            stop.set()
            for writer in writers:
                writer.join(PATIENCE)
            assert not any(writer.is_alive() for writer in writers), "a writer hangs"

    def ask(self, side: Side, query: str) -> list[tuple[object, ...]]:
        return fetch(self.url(side), query)

    def left(self, side: Side) -> dict[str, list[object]]:
        """Return what there is of ours on a server."""
        found = {what: [row[0] for row in self.ask(side, q)] for what, q in _OURS.items()}
        return {what: names for what, names in found.items() if names}

    def describe(self, tables: str) -> None:
        """Change the slice's tables in the blueprint: a YAML list."""
        self.file.write_text(blueprint_of(tables))
        self.described = Blueprint.model_validate(_parsed(self.file))

    def lost(self, writers: list[Writer]) -> list[str]:
        """Return what is wrong on either side, and what writers met that they should not."""
        acknowledged = {name for writer in writers for name in writer.record.acknowledged}
        doubtful = {name for writer in writers for name in writer.record.doubtful}
        assert acknowledged, "nobody has written anything"
        wrong = [error for writer in writers for error in writer.record.refused]
        for side in Side:
            wrong += self.schema.losses(self.url(side), acknowledged, doubtful)
        return wrong


_OURS = {
    "slots": "SELECT slot_name FROM pg_replication_slots",
    "publications": "SELECT pubname FROM pg_publication",
    "origins": "SELECT roname FROM pg_replication_origin",
    "triggers": "SELECT concat_ws(' ', tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal",
    "tables": "SELECT tablename::text FROM pg_tables WHERE schemaname = 'matapalo' ORDER BY 1",
    "functions": "SELECT proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
    " WHERE nspname = 'matapalo'",
}


def _parsed(file: Path) -> object:
    return YAML(typ="safe", pure=True).load(file.read_text())


async def copied(world: World, hand: Tables, within: float = PATIENCE) -> None:
    """Have the slice copied and followed."""
    await hand.copy(SLICE)

    async def loaded() -> bool:
        way = (await hand.state(SLICE)).forward
        return bool(way.loaded) and way.phase == "following"

    try:
        await eventually(loaded, within=within)
    except AssertionError:
        said = "".join(process.said[-3000:] for process in world.processes.values())
        raise AssertionError(f"{await hand.state(SLICE)}\n{said}") from None
    await hand.follow(SLICE)


async def switch(world: World, hand: Tables, times: int = 1) -> None:
    """Change the owner; everything is done as often as is said."""
    owner, turn = world.owner, world.turn()
    for _ in range(times):
        await hand.prove(SLICE, owner, within=60)
    with world.gate.held():
        for _ in range(times):
            await hand.close(SLICE, owner, turn=turn, within=10)
        for _ in range(times):
            await hand.fence(SLICE, owner, within=30)
        for _ in range(times):
            await hand.open(SLICE, owner.other, turn=turn)
        world.gate.owner = world.url(owner.other)


async def patiently(act: Callable[[], Awaitable[T]], within: float = PATIENCE) -> T:
    """Do what may be done twice, again until the servers let it be done."""
    deadline = time.monotonic() + within
    while True:
        try:
            return await act()
        except (StreamError, SwitchUnready):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
