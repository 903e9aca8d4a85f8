"""The switch, under customers who never stop writing: any sequence of moves, whatever crashes or
fails in them. The real reign, steps and registry of edges; ledger, edges and tables in memory.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matapalo.blueprint import Slice
from matapalo.conductor.book import Book
from matapalo.conductor.data import Side
from matapalo.conductor.edges import Edges
from matapalo.conductor.events import Arrived
from matapalo.conductor.fold import SliceState, fold
from matapalo.conductor.judging import Sources
from matapalo.conductor.observing import Observer
from matapalo.conductor.order import Order
from matapalo.conductor.plan import owner
from matapalo.conductor.reign import Reign
from matapalo.conductor.stages import Position, Stage
from matapalo.conductor.walker import Walker
from matapalo.edge.report import Report
from matapalo.edge.split import Split, Wanted
from matapalo.errors import DatabaseSilent, MatapaloError, MoveRefused, SwitchUnready
from tests.conductor.rows import Refused, Rows, silent
from tests.conductor.test_crashes import Crash, Paper, nobody
from tests.support import eventually, examples

NAME = "pay"
PIECE = Slice.model_validate(
    {"to": "a/b", "routes": ["/a"], "tables": ["payments"], "steps": [100], "hold": 5}
)
STAGES = [stage.value for stage in Stage]
POINT_OF_NO_RETURN, RETIRES = 4, 1


@dataclass
class Customers:
    """Write all the time, at whichever side an edge sends them to."""

    rows: Rows
    acknowledged: list[int] = field(default_factory=list)
    refused: int = 0

    def write(self, split: Split) -> None:
        if split.hold:
            return
        side = Side.NEW if split.writes_new else Side.MONOLITH
        number = len(self.acknowledged)
        try:
            self.rows.write(side, number)
        except Refused:
            self.refused += 1
        else:
            self.acknowledged.append(number)


@dataclass
class Door:
    """An edge through which customers write."""

    name: str
    customers: Customers
    obeyed: Wanted = field(default_factory=Wanted)
    slow: int = 0
    """So many looks it takes until it obeys."""

    async def work(self, edges: Edges) -> None:
        behind = 0
        while True:
            news = await edges.wanted(self.name, self.obeyed.version, 0.005)
            behind = behind + 1 if news else 0
            if news and behind > self.slow:
                self.obeyed = news
            edges.hear(Report(edge=self.name, epoch="e", version=self.obeyed.version))
            self.customers.write(self.obeyed.split(NAME))
            await asyncio.sleep(0)


@asynccontextmanager
async def reigning(paper: Paper, doors: list[Door], rows: Rows) -> AsyncIterator[Reign]:
    """A conductor that has just started and read its ledger."""
    edges, slices = Edges(), {NAME: PIECE}
    book = Book(paper, edges, frozenset(slices), list(paper.entries))
    edges.expect(door.name for door in doors)
    tasks = [asyncio.create_task(door.work(edges)) for door in doors]
    observer = Observer(slices, rows, book, lambda _: None)
    sources = Sources(edges, nobody, observer)
    try:
        yield Reign(Walker(slices, book, edges, sources, lambda _: None, rows, patience=30))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


FAULTS = st.none() | st.tuples(
    st.sampled_from(["prove", "close", "fence", "open", "copy", "follow", "halt", "retire"]),
    st.booleans(),
    st.sampled_from(["silent", "unready"]),
)


class Switches(RuleBasedStateMachine):
    """One slice with a table, two edges of which one is slow, customers, conductors that crash."""

    @initialize()
    def begin(self) -> None:
        self.paper = Paper()
        self.rows = Rows()
        self.customers = Customers(self.rows)
        self.doors = [Door("edge-1", self.customers), Door("edge-2", self.customers, slow=2)]

    @rule(
        verb=st.sampled_from(["advance", "back"]),
        to=st.none() | st.sampled_from([*STAGES, "switched", "reading"]),
        crash=st.none() | st.tuples(st.integers(0, 14), st.booleans()),
        fault=FAULTS,
    )
    def move(
        self,
        verb: str,
        to: str | None,
        crash: tuple[int, bool] | None,
        fault: tuple[str, bool, str] | None,
    ) -> None:
        if fault:
            name, before, kind = fault
            error = silent() if kind == "silent" else SwitchUnready("not now")
            self.rows.fails = {name: (before, error)}
        asyncio.run(self._move(verb, to, crash))
        self.rows.fails.clear()

    @rule(writes=st.integers(1, 9))
    def a_move_that_crashed_is_taken_back(self, writes: int) -> None:
        asyncio.run(self._taken_back(writes))

    @invariant()
    def every_acknowledged_write_is_at_the_owner_once(self) -> None:
        assert not self.customers.refused, "a customer met a closed door"
        side = owner(self._state().position)
        assert sorted(self.rows.rows[side]) == self.customers.acknowledged

    @invariant()
    def the_other_side_has_it_too_or_it_is_on_its_way(self) -> None:
        if self.rows.copied:
            side = owner(self._state().position).other
            coming = [row for to, row in self.rows.late if to is side]
            assert sorted(self.rows.rows[side] + coming) == self.customers.acknowledged

    @invariant()
    def exactly_the_owner_is_open(self) -> None:
        state = self._state()
        assert state.move is None
        if self.rows.copied or state.position.stage is Stage.RETIRED:
            assert self.rows.closed == {owner(state.position).other}
        assert not state.split.hold

    async def _move(self, verb: str, to: str | None, crash: tuple[int, bool] | None) -> None:
        here = self._state().position
        order = Order(NAME, to=to, who="ana", why="t", force=verb == "advance")
        try:
            await self._walk(verb, order, crash)
        except MoveRefused:
            assert self._state().position == here
        except (Crash, DatabaseSilent, SwitchUnready):
            await self._recover()
        self.paper.crash = None
        there = self._state().position
        assert there >= here if verb == "advance" else there <= here
        await self._let_edges_follow()

    async def _taken_back(self, writes: int) -> None:
        here = self._state().position
        if here.stage is Stage.RETIRED:
            return
        order = Order(NAME, who="ana", why="t", force=True)
        with suppress(Crash):
            await self._walk("advance", order, crash=(writes, False))
        self.paper.crash = None
        retired = self._state().position.stage is Stage.RETIRED
        move = self._state().move
        if move and not retired:
            try:
                await self._walk("back", Order(NAME, who="ana"))
            except MoveRefused:
                assert move.goal.new_owns
                retires = move.goal.stage is Stage.RETIRED
                assert move.begun >= (RETIRES if retires else POINT_OF_NO_RETURN)
            else:
                assert self._state().position == here
        await self._recover()
        await self._let_edges_follow()

    async def _walk(self, verb: str, order: Order, crash: tuple[int, bool] | None = None) -> None:
        async with reigning(self.paper, self.doors, self.rows) as reign:
            self.paper.crash = crash
            moves = reign.advance(order) if verb == "advance" else await reign.back(order)
            async for _ in moves:
                continue

    async def _recover(self) -> None:
        """A new conductor reads the ledger and goes on by itself."""
        self.paper.crash = None
        async with reigning(self.paper, self.doors, self.rows) as reign:
            tending = asyncio.create_task(reign.tend())
            await eventually(lambda: not self._state().move)
            tending.cancel()
            await reign.settle(10)

    async def _let_edges_follow(self) -> None:
        version = fold(self.paper.entries).version
        async with reigning(self.paper, self.doors, self.rows):
            await eventually(lambda: all(door.obeyed.version >= version for door in self.doors))

    def _state(self) -> SliceState:
        return fold(self.paper.entries).of(NAME)


Switches.TestCase.settings = settings(
    max_examples=examples(30), stateful_step_count=10, deadline=None
)
TestSwitches = Switches.TestCase


@dataclass
class Stand:
    """A slice at a stage, with everything that a test needs around it."""

    paper: Paper = field(default_factory=Paper)
    rows: Rows = field(default_factory=Rows)

    def __post_init__(self) -> None:
        self.customers = Customers(self.rows)
        self.doors = [Door("edge-1", self.customers)]

    async def go(self, verb: str, to: str) -> list[Arrived]:
        order = Order(NAME, to=to, who="ana", why="t", force=verb == "advance")
        async with reigning(self.paper, self.doors, self.rows) as reign:
            moves = reign.advance(order) if verb == "advance" else await reign.back(order)
            return [event async for event in moves if isinstance(event, Arrived)]

    async def tended(self) -> None:
        """Have a conductor go on with the move that was left open, to its end."""
        async with reigning(self.paper, self.doors, self.rows) as reign:
            tending = asyncio.create_task(reign.tend())
            await eventually(lambda: not self.state.move)
            tending.cancel()

    @property
    def state(self) -> SliceState:
        return fold(self.paper.entries).of(NAME)


async def test_a_switch_tells_its_timeline_and_the_ledger_keeps_it() -> None:
    stand = Stand()
    (*_, arrived) = await stand.go("advance", "switched")
    assert [mark.what for mark in arrived.timeline] == ["hold", "seal", "open", "release"]
    times = [mark.ms for mark in arrived.timeline]
    assert times == sorted(times)
    kept = [entry.facts.timeline for entry in stand.paper.entries if entry.facts.timeline]
    assert kept == [arrived.timeline]


async def test_a_fence_that_is_not_passed_lets_the_owner_go_on() -> None:
    stand = Stand()
    await stand.go("advance", "reading")
    stand.rows.fails = {"fence": (True, SwitchUnready("not in time"))}
    with pytest.raises(SwitchUnready, match="not in time"):
        await stand.go("advance", "switched")
    assert stand.state.position == Position(Stage.READING, 100)
    assert stand.rows.closed == {Side.NEW}
    assert stand.state.split == Split(reads_new=100, read_own_writes=True)
    assert stand.paper.entries[-1].state == "failed"


async def test_what_has_passed_the_point_of_no_return_is_finished_whatever_fails() -> None:
    stand = Stand()
    await stand.go("advance", "reading")
    stand.rows.fails = {"open": (True, silent())}
    await stand.go("advance", "switched")
    assert stand.state.position == Position(Stage.SWITCHED)
    assert stand.rows.asked.count("open") == 2
    assert stand.rows.closed == {Side.MONOLITH}


@pytest.mark.parametrize("before", [True, False])
async def test_streams_that_may_be_gone_are_not_counted_on(before: bool) -> None:
    stand = Stand()
    await stand.go("advance", "copying")
    stand.rows.fails = {"halt": (before, silent())}
    with pytest.raises(DatabaseSilent):
        await stand.go("back", "monolith")
    assert stand.state.move
    await stand.tended()
    assert stand.rows.asked == ["copy", "halt", "halt"]
    await stand.go("advance", "switched")
    assert sorted(stand.rows.rows[Side.NEW]) == stand.customers.acknowledged


async def test_a_turn_that_is_over_opens_nothing() -> None:
    stand = Stand()
    await stand.go("advance", "switched")
    await stand.go("back", "reading")
    with pytest.raises(SwitchUnready):
        await stand.rows.open(NAME, Side.NEW, turn=1)
    assert stand.rows.closed == {Side.NEW}


async def test_what_is_retired_does_not_come_back_and_what_remains_is_told() -> None:
    stand = Stand()
    (*_, arrived) = await stand.go("advance", "retired")
    assert arrived.remains == ("the table",)
    with pytest.raises(MatapaloError, match="it is retired"):
        await stand.go("back", "switched")


async def test_what_is_being_retired_is_not_taken_back() -> None:
    stand = Stand()
    await stand.go("advance", "switched")
    stand.rows.fails = {"retire": (False, silent())}
    with pytest.raises(DatabaseSilent):
        await stand.go("advance", "retired")
    with pytest.raises(MoveRefused, match="streams are being taken away"):
        await stand.go("back", "switched")
    await stand.tended()
    assert stand.state.position == Position(Stage.RETIRED)
