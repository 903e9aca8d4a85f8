"""Observing slices' tables: how they are, each second; whether both sides hold the same, again and
again.

    Data.state  ──▶ the last state, and the lag of the last minute ──▶ gates
    Data.verify ──▶ a finding in the ledger                        ──▶ gates
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil

from matapalo.blueprint import Slice
from matapalo.conductor.book import Book
from matapalo.conductor.data import Data, TableState, Verified
from matapalo.conductor.entry import Draft, Facts
from matapalo.conductor.gates_tables import TablesSeen
from matapalo.conductor.plan import owner
from matapalo.conductor.stages import Position, Stage
from matapalo.errors import ConductorError, StreamError

_EVERY = 1.0
"""Seconds between two looks."""
_MINUTE = 60.0
_OLD = 10.0
"""Seconds after which what was seen counts as unknown."""
_P99 = 0.99
_EARLY = 0.5
"""The share of a comparison's validity after which the next one begins."""
_RETRY = 5.0
"""Seconds until a comparison that could not be made, or found faults, is made again."""


@dataclass
class _Look:
    at: float = 0
    state: TableState = field(default_factory=TableState)
    lags: deque[tuple[float, float]] = field(default_factory=deque)
    tried: float = 0
    """When a comparison was begun last."""

    def note(self, lag: float | None) -> None:
        """Take note of the lag. One that is not known makes those before worthless."""
        if lag is None:
            self.lags.clear()
            return
        self.lags.append((self.at, lag))
        while self.lags[0][0] < self.at - _MINUTE:
            self.lags.popleft()


class Observer:
    """Looks at the tables of slices that have any."""

    def __init__(
        self, slices: Mapping[str, Slice], data: Data | None, book: Book, say: Callable[[str], None]
    ) -> None:
        self._slices = {name: piece for name, piece in slices.items() if piece.tables}
        self._data = data
        self._book = book
        self._say = say
        self._looks = {name: _Look() for name in self._slices}
        self._turns = {name: asyncio.Lock() for name in self._slices}

    def seen(self, name: str) -> TablesSeen | None:
        """Return how a slice's tables are; None for a slice without any."""
        look = self._looks.get(name)
        if look is None:
            return None
        fresh = time.monotonic() - look.at <= _OLD
        return TablesSeen(
            state=look.state if fresh else TableState(),
            lag=_p99(look) if fresh else None,
            verified=self._book.world.of(name).verified,
            now=datetime.now(UTC),
        )

    async def run(self) -> None:
        """Look, until cancelled."""
        if self._data is None:
            return
        async with asyncio.TaskGroup() as duties:
            for name in self._slices:
                duties.create_task(self._watch(name, self._data))
                duties.create_task(self._compare(name, self._data))

    async def verify(self, name: str) -> Verified:
        """Compare the content of both sides now, and write down what was found."""
        if self._data is None or name not in self._slices:
            raise StreamError("there are no tables to compare", where=name)
        position = self._book.world.of(name).position
        async with self._turns[name]:
            found = await self._data.verify(name, owner(position))
            draft = Draft(
                slice=name,
                who="matapalo",
                kind="finding",
                state="done" if found.clean else "failed",
                text=_told(found),
                facts=Facts(verified=found),
            )
            await self._book.write(draft)
        return found

    async def _watch(self, name: str, data: Data) -> None:
        look = self._looks[name]
        while True:
            if _has_streams(self._position(name)):
                state = await data.state(name)
                side = owner(self._position(name)).other
                look.state, look.at = state, time.monotonic()
                look.note(state.towards(side).lag_seconds)
            else:
                look.lags.clear()
            await asyncio.sleep(_EVERY)

    async def _compare(self, name: str, data: Data) -> None:
        look = self._looks[name]
        while True:
            await asyncio.sleep(_EVERY)
            if self._is_due(name, look):
                look.tried = time.monotonic()
                try:
                    await self.verify(name)
                except (StreamError, ConductorError) as error:
                    self._say(f"{name}: could not be compared: {error.what}")

    def _is_due(self, name: str, look: _Look) -> bool:
        state, piece = self._book.world.of(name), self._slices[name]
        followed = Position(Stage.FOLLOWING) <= state.position < Position(Stage.RETIRED)
        if not followed or state.move or time.monotonic() - look.tried < _RETRY:
            return False
        if state.verified is None or not state.verified.clean:
            return True
        age = (datetime.now(UTC) - state.verified.at).total_seconds()
        return age > _EARLY * piece.gates.verified_within

    def _position(self, name: str) -> Position:
        return self._book.world.of(name).position


def _has_streams(position: Position) -> bool:
    return Position(Stage.COPYING) <= position < Position(Stage.RETIRED)


def _p99(look: _Look) -> float | None:
    lags = sorted(lag for _, lag in look.lags)
    return lags[ceil(_P99 * len(lags)) - 1] if lags else None


def _told(found: Verified) -> str:
    if found.clean:
        return f"{found.rows:,} rows are the same on both sides"
    return f"{found.differing} of {found.rows:,} rows differ"
