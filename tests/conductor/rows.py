"""Tables in memory, under the contract of the real ones (`tests/conductor/tables` holds those)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from matapalo.conductor.data import Crossing, Side, TableState, Verified, Way
from matapalo.errors import DatabaseSilent, StreamError, SwitchUnready

WELL = Way(
    phase="following", running=True, loaded=True, lag_seconds=0, lag_bytes=0, heartbeat_age=0,
    conflicts=0,
)  # fmt: skip


class Refused(Exception):
    """A writer met a closed table."""


@dataclass
class Rows:
    """One slice's tables on both sides. It is Data."""

    rows: dict[Side, list[int]] = field(default_factory=lambda: {side: [] for side in Side})
    closed: set[Side] = field(default_factory=set)
    turn: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    copied: bool = False
    late: list[tuple[Side, int]] = field(default_factory=list)
    """Rows on their way: to which side, and which."""
    fails: dict[str, tuple[bool, StreamError | SwitchUnready]] = field(default_factory=dict)
    """What fails the next time, by method: whether before it was done or after, and how."""
    asked: list[str] = field(default_factory=list)

    def write(self, side: Side, row: int) -> None:
        """Write as an application does. Raises Refused."""
        if side in self.closed:
            raise Refused(side)
        self.rows[side].append(row)
        if self.copied:
            self.late.append((side.other, row))

    async def copy(self, slice_name: str) -> None:
        def done() -> None:
            if not self.copied:
                self.rows[Side.NEW] = list(self.rows[Side.MONOLITH])
                self.late.clear()
            self.copied = True
            self.closed.add(Side.NEW)

        await self._do("copy", done)

    async def follow(self, slice_name: str) -> None:
        await self._do("follow", lambda: self.closed.add(Side.NEW))

    async def prove(self, slice_name: str, owner: Side, *, within: float) -> None:
        await self._do("prove", lambda: None)

    async def close(self, slice_name: str, side: Side, *, turn: int, within: float) -> None:
        def done() -> None:
            self._take(side, turn)
            self.closed.add(side)

        await self._do("close", done)

    async def fence(self, slice_name: str, side: Side, *, within: float) -> None:
        def done() -> None:
            for to, row in self.late:
                self.rows[to].append(row)
            self.late.clear()

        await self._do("fence", done)

    async def open(self, slice_name: str, side: Side, *, turn: int) -> None:
        def done() -> None:
            self._take(side, turn)
            assert side.other in self.closed or side not in self.closed, "two owners"
            missing = any(to is side for to, _ in self.late)
            assert side not in self.closed or not missing, "opened before everything was there"
            self.closed.discard(side)

        await self._do("open", done)

    async def halt(self, slice_name: str) -> None:
        def done() -> None:
            self.copied = False
            self.closed.clear()
            self.late.clear()
            self.rows[Side.NEW].clear()

        await self._do("halt", done)

    async def retire(self, slice_name: str) -> tuple[str, ...]:
        def done() -> None:
            self.copied = False
            self.late.clear()

        await self._do("retire", done)
        return ("the table",)

    async def verify(self, slice_name: str, owner: Side) -> Verified:
        there = sorted(self.rows[owner.other] + [row for to, row in self.late if to is not owner])
        differing = len(set(there) ^ set(self.rows[owner]))
        return Verified(at=datetime.now(UTC), rows=len(self.rows[owner]), differing=differing)

    async def state(self, slice_name: str) -> TableState:
        return TableState(WELL, WELL, frozenset(self.closed), 0)

    async def passed(self, slice_name: str, *, within: float) -> bool:
        return not self.late

    async def border(self, slice_name: str) -> tuple[Crossing, ...]:
        return ()

    def _take(self, side: Side, turn: int) -> None:
        if turn < self.turn[side]:
            raise SwitchUnready(f"turn {turn} is over")
        self.turn[side] = turn

    async def _do(self, name: str, done: Callable[[], None]) -> None:
        self.asked.append(name)
        await asyncio.sleep(0)
        before, error = self.fails.pop(name, (False, None))
        if not (error and before):
            done()
        await asyncio.sleep(0)
        if error:
            raise error


def silent() -> DatabaseSilent:
    return DatabaseSilent("the database is away")
