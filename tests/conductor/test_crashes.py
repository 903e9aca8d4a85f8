"""Any sequence of moves, with a crash before or after any write of the ledger, or none.

The real reign, steps, book and registry of edges run in one loop; the ledger is a list that breaks
where the test says. `test_recovery.py` does the same to real processes, with fewer sequences.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matapalo.blueprint import Slice
from matapalo.conductor.book import Book
from matapalo.conductor.edges import Edges
from matapalo.conductor.entry import Draft, Entry
from matapalo.conductor.fold import SliceState, fold
from matapalo.conductor.gates import Answer
from matapalo.conductor.judging import Sources
from matapalo.conductor.observing import Observer
from matapalo.conductor.order import Order
from matapalo.conductor.reign import Reign
from matapalo.conductor.stages import START, Position, Stage, split_of
from matapalo.conductor.walker import Walker
from matapalo.conductor.way import way
from matapalo.edge.report import Report
from matapalo.edge.split import Wanted
from matapalo.errors import ConfigRejected, MoveRefused
from tests.support import eventually, examples

PIECE = Slice.model_validate({"to": "a/b", "routes": ["/a"], "steps": [10, 100]})
WAY = way(PIECE)
NAMES = ("one", "two")


class Crash(Exception):
    """The process is gone."""


@dataclass
class Paper:
    """A ledger that outlives crashes, and can bring one about."""

    entries: list[Entry] = field(default_factory=list)
    crash: tuple[int, bool] | None = None
    """In how many writes, and whether before the entries are kept or after."""

    async def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        await asyncio.sleep(0)
        left, before = self.crash or (-1, False)
        if left == 0 and before:
            raise Crash
        first = len(self.entries) + 1
        entries = tuple(_entry(number, draft) for number, draft in enumerate(drafts, first))
        self.entries += entries
        self.crash = (left - 1, before) if self.crash else None
        if left == 0:
            raise Crash
        return entries


def _entry(number: int, draft: Draft) -> Entry:
    about = {"id": number, "at": datetime.now(UTC), "move": draft.move or number}
    return Entry.model_validate({**draft.model_dump(), **about})


@dataclass
class Door:
    """An edge that outlives the conductor."""

    name: str
    obeyed: Wanted = field(default_factory=Wanted)
    refuses: str = ""
    """The slice whose copies it will not make."""
    rejected: int = 0

    async def work(self, edges: Edges) -> None:
        while True:
            after = max(self.obeyed.version, self.rejected)
            news = await edges.wanted(self.name, after, 0.01)
            if news and news.split(self.refuses).mirror:
                self.rejected = news.version
            elif news:
                self.obeyed = news
            refused = self.rejected > self.obeyed.version
            edges.hear(
                Report(
                    edge=self.name,
                    epoch="e",
                    version=self.obeyed.version,
                    rejected="no such cluster" if refused else "",
                    rejected_version=self.rejected,
                )
            )


async def nobody(_: str) -> Answer:
    return Answer()


@asynccontextmanager
async def reigning(paper: Paper, doors: list[Door]) -> AsyncIterator[Reign]:
    """A conductor that has just started and read its ledger."""
    edges = Edges()
    slices = dict.fromkeys(NAMES, PIECE)
    book = Book(paper, edges, frozenset(NAMES), list(paper.entries))
    tasks = [asyncio.create_task(door.work(edges)) for door in doors]
    try:
        observer = Observer(slices, None, book, lambda _: None)
        sources = Sources(edges, nobody, observer)
        yield Reign(Walker(slices, book, edges, sources, lambda _: None, None, patience=30))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Slices(RuleBasedStateMachine):
    """Two slices, two edges, one ledger; conductors that come and go."""

    @initialize()
    def begin(self) -> None:
        self.paper = Paper()
        self.doors = [Door("edge-1"), Door("edge-2")]
        self.places = dict.fromkeys(NAMES, START)

    @rule(
        name=st.sampled_from(NAMES),
        verb=st.sampled_from(["advance", "back"]),
        to=st.none() | st.sampled_from([stage.value for stage in Stage if stage != Stage.COPYING]),
        crash=st.none() | st.tuples(st.integers(0, 6), st.booleans()),
    )
    def move(self, name: str, verb: str, to: str | None, crash: tuple[int, bool] | None) -> None:
        asyncio.run(self._move(name, verb, to, crash))

    @rule(name=st.sampled_from(NAMES))
    def an_edge_refuses(self, name: str) -> None:
        """Leave the slice where it is: the former split takes force again."""
        if self.places[name] != START:
            return
        self.doors[0].refuses = name
        with pytest.raises(ConfigRejected):
            asyncio.run(self._walk("advance", Order(name, who="ana", why="t", force=True)))
        self.doors[0].refuses = ""

    @rule(name=st.sampled_from(NAMES), writes=st.integers(1, 4))
    def somebody_takes_a_stranded_move_back(self, name: str, writes: int) -> None:
        """Going back from an open move leads to the lower of its ends."""
        if self.places[name] == WAY[-1]:
            return
        order = Order(name, who="ana", why="t", force=True)
        with pytest.raises(Crash):
            asyncio.run(self._walk("advance", order, crash=(writes, False)))
        assert self._state(name).move
        asyncio.run(self._walk("back", Order(name, who="ana")))
        assert self._state(name).position == self.places[name]

    @invariant()
    def the_ledger_the_split_and_every_edge_agree(self) -> None:
        world = fold(self.paper.entries)
        for name in NAMES:
            state = world.of(name)
            assert state.move is None
            assert state.position == self.places[name]
            assert state.split == split_of(state.position, PIECE)
            for door in self.doors:
                assert door.obeyed.split(name) == state.split

    @invariant()
    def no_slice_ever_has_two_owners(self) -> None:
        """Writes change owner only inside a move that says so."""
        for length in range(len(self.paper.entries)):
            world = fold(self.paper.entries[: length + 1])
            for name in NAMES:
                state = world.of(name)
                ends = [state.position]
                ends += [state.move.start, state.move.goal] if state.move else []
                assert state.split.writes_new in {end.new_owns for end in ends}

    async def _move(
        self, name: str, verb: str, to: str | None, crash: tuple[int, bool] | None
    ) -> None:
        here = self.places[name]
        order = Order(name, to=to, who="ana", why="t", force=verb == "advance")
        try:
            await self._walk(verb, order, crash)
        except MoveRefused:
            assert self._state(name).position == here
        except Crash:
            await self._recover()
        self.paper.crash = None
        self.places[name] = self._checked(name, here, verb, to)
        await self._let_edges_follow()

    def _checked(self, name: str, here: Position, verb: str, to: str | None) -> Position:
        """Return where the slice is: between where it was and where it was sent."""
        there = self._state(name).position
        assert there >= here if verb == "advance" else there <= here
        assert to is None or min(here.stage.rank, Stage(to).rank) <= there.stage.rank
        assert to is None or there.stage.rank <= max(here.stage.rank, Stage(to).rank)
        return there

    async def _walk(self, verb: str, order: Order, crash: tuple[int, bool] | None = None) -> None:
        async with reigning(self.paper, self.doors) as reign:
            self.paper.crash = crash
            moves = reign.advance(order) if verb == "advance" else await reign.back(order)
            async for _ in moves:
                continue
        await self._let_edges_follow()

    async def _recover(self) -> None:
        """A new conductor reads the ledger and goes on by itself."""
        self.paper.crash = None
        async with reigning(self.paper, self.doors) as reign:
            tending = asyncio.create_task(reign.tend())
            await eventually(lambda: not any(self._state(name).move for name in NAMES))
            tending.cancel()
            await reign.settle(10)

    async def _let_edges_follow(self) -> None:
        version = fold(self.paper.entries).version
        async with reigning(self.paper, self.doors):
            await eventually(lambda: all(door.obeyed.version >= version for door in self.doors))

    def _state(self, name: str) -> SliceState:
        return fold(self.paper.entries).of(name)


Slices.TestCase.settings = settings(
    max_examples=examples(40), stateful_step_count=12, deadline=None
)
TestSlices = Slices.TestCase
