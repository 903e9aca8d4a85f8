"""A stream between two databases of a test's own, from an empty start."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from matapalo.blueprint import Table
from matapalo.stream import progress
from matapalo.stream.apply import Applied
from matapalo.stream.catalog import shapes
from matapalo.stream.database import connect
from matapalo.stream.follow import Orders, Phase, State, Task, follow
from matapalo.stream.load.publication import publish
from matapalo.stream.lsn import parse
from matapalo.stream.mapping import Flows, inverse, map_tables
from matapalo.stream.names import Direction, Stream
from matapalo.stream.shape import Name, Shape
from tests.stream.servers import database, fetch, run

PATIENCE = 60.0
_numbers = itertools.count(1)


@dataclass
class Pair:
    """A source and a target, and the tables that go from one to the other."""

    source: str
    target: str
    tables: tuple[Table, ...]
    name: str = field(default_factory=lambda: f"t{next(_numbers)}-{time.time_ns() % 10**9}")

    def both(self, script: str) -> None:
        """Run statements on both sides."""
        for url in (self.source, self.target):
            run(url, script)

    def stream(self, direction: Direction = Direction.FORWARD) -> Stream:
        """Return the stream of one direction."""
        return Stream(self.name, direction)

    def task(self, direction: Direction = Direction.FORWARD) -> Task:
        """Return what is followed in one direction."""
        olds = tuple(Name.parse(table.name) for table in self.tables)
        news = tuple(dict.fromkeys(Name.parse(table.target) for table in self.tables))
        forward = direction is Direction.FORWARD
        return Task(
            stream=self.stream(direction),
            source=self.source if forward else self.target,
            target=self.target if forward else self.source,
            sources=olds if forward else news,
            targets=news if forward else olds,
            mapper=self._forward if forward else self._reverse,
        )

    def begin(self, direction: Direction = Direction.FORWARD) -> None:
        """Make the slot, and let the stream begin there. Both sides have to be alike now."""
        task = self.task(direction)
        with connect(task.source) as source, connect(task.target) as target:
            flows = task.mapper(shapes(source, task.sources), shapes(target, task.targets))
            publish(source, task.stream.on_server, flows)
            row = source.execute(
                "SELECT lsn::text FROM pg_create_logical_replication_slot(%s, 'pgoutput')",
                [task.stream.on_server],
            ).fetchone()
            assert row
            progress.install(target)
            progress.begin(target, task.stream, parse(row[0]))

    def drop(self) -> None:
        """Drop what a server has only so many of: slots and origins."""
        for direction in Direction:
            name = self.stream(direction).on_server
            for url in (self.source, self.target):
                _drop(url, "pg_drop_replication_slot(slot_name)", "slots", "slot_name", name)
                _drop(url, "pg_replication_origin_drop(roname)", "origin", "roname", name)

    def rows(self, table: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """Return a table's rows on both sides."""
        query = f"SELECT * FROM {table} ORDER BY 1, 2"
        return fetch(self.source, query), fetch(self.target, query)

    def _forward(self, old: "Shapes", new: "Shapes") -> Flows:
        return map_tables(self.tables, old, new)

    def _reverse(self, new: "Shapes", old: "Shapes") -> Flows:
        return inverse(map_tables(self.tables, old, new))


Shapes = Mapping[Name, Shape]


class Following:
    """A stream that runs in a thread."""

    def __init__(
        self, pair: Pair, direction: Direction = Direction.FORWARD, task: Task | None = None
    ) -> None:
        self.pair = pair
        self.task = task or pair.task(direction)
        self.orders = Orders()
        self.states: list[State] = []
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def state(self) -> State:
        """What it said last."""
        return self.states[-1]

    def catch_up(self) -> None:
        """Wait until everything that is committed on the source now is on the target."""
        fence = f"fence {time.time_ns()}"
        with connect(self.task.source) as source, connect(self.task.target) as target:
            progress.put_fence(source, fence)
            self.until(lambda: progress.passed(target, self.task.stream, fence))

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition while the stream runs."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.error:
                raise self.error
            last = self.states[-1] if self.states else None
            assert self._thread.is_alive(), last
            assert time.monotonic() < deadline, last
            time.sleep(0.005)

    def until_phase(self, phase: Phase) -> None:
        """Wait until it says that it is in a phase."""
        self.until(lambda: self.states and self.state.phase is phase)

    def end(self) -> None:
        """Stop it, and raise what went wrong."""
        self.orders.stop()
        self._thread.join(timeout=PATIENCE)
        assert not self._thread.is_alive()
        if self.error:
            raise self.error

    @property
    def ended(self) -> Applied:
        """Stop it, and return what it did."""
        self.end()
        return self.state.applied

    def _run(self) -> None:
        try:
            follow(self.task, self.orders, self.states.append)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to see it
            self.error = error


@contextmanager
def following(
    pair: Pair, direction: Direction = Direction.FORWARD, task: Task | None = None
) -> Iterator[Following]:
    """Give a running stream, and stop it in the end."""
    one = Following(pair, direction, task)
    try:
        yield one
    finally:
        one.end()


@contextmanager
def pair(server: str, tables: Sequence[Table | str], script: str = "") -> Iterator[Pair]:
    """Give a pair of new databases with the same tables on both sides."""
    one, other = names = [f"db{time.time_ns()}_{end}" for end in ("a", "b")]
    both = Pair(database(server, one), database(server, other), _tables(tables))
    try:
        both.both(script)
        yield both
    finally:
        both.drop()
        with psycopg.connect(server, autocommit=True) as connection:
            for name in names:
                statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                connection.execute(statement)


def _drop(url: str, drop: str, kind: str, column: str, name: str) -> None:
    """Drop a slot or an origin, whose user may have ended a moment ago."""
    deadline = time.monotonic() + PATIENCE
    mine = " AND database = current_database()" if kind == "slots" else ""
    while True:
        try:
            run(url, f"SELECT {drop} FROM pg_replication_{kind} WHERE {column} = '{name}'{mine}")
        except psycopg.errors.ObjectInUse:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def _tables(tables: Sequence[Table | str]) -> tuple[Table, ...]:
    return tuple(t if isinstance(t, Table) else Table.model_validate(t) for t in tables)
