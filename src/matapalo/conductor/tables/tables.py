"""The face of the tables' hand: `Data`, over every slice of a blueprint that has tables."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from matapalo.blueprint import Blueprint
from matapalo.conductor.data import Crossing, Side, TableState, Verified, Way
from matapalo.conductor.tables import copying, passing, proving, seeing, switching
from matapalo.conductor.tables.crossing import border
from matapalo.conductor.tables.desk import Desk, Sessions, apart
from matapalo.conductor.tables.ends import Ends
from matapalo.conductor.tables.verifying import verify
from matapalo.errors import StreamError, UnknownSlice
from matapalo.stream.databases import Databases, job_of
from matapalo.stream.sequences import Pair

_GRACE = 2.0
"""Seconds that an answer may be late before its session counts as lost."""
_LOOK = 1.5
"""Seconds that a side may take to say how it is."""
_POLL, _SLOW = 0.005, 0.25
_BEAT = 0.03
"""Seconds after which a heartbeat is sent to see whether something has passed: where others write
all the time, none is needed."""


class Tables:
    """The tables of slices, between the monolith's database and the stores."""

    def __init__(self, blueprint: Blueprint, databases: Databases) -> None:
        """Take note of where everything is. Whatever asks for a slice hears what is missing."""
        self._ends: dict[str, Ends] = {}
        self._missing: dict[str, StreamError] = {}
        for name, piece in blueprint.slices.items():
            if piece.tables:
                try:
                    self._ends[name] = Ends(name, piece.to, job_of(blueprint, databases, name))
                except StreamError as missing:
                    self._missing[name] = missing
        self._hands = {name: _hand(ends) for name, ends in self._ends.items()}
        self._eyes: dict[tuple[Side, str], Desk[Side]] = {}
        self._pairs: dict[tuple[str, Side], Sequence[Pair]] = {}

    def end(self) -> None:
        """End every session."""
        for desk in (*self._hands.values(), *self._eyes.values()):
            desk.end()

    async def copy(self, slice_name: str) -> None:
        """Have the tables copied, and followed, from now on. Raises PreflightFailed."""
        await apart(partial(copying.copy, self._of(slice_name)))

    async def follow(self, slice_name: str) -> None:
        """Make sure that the forward stream follows, and that the new side is closed to others."""
        await apart(partial(copying.follow, self._of(slice_name)))

    async def prove(self, slice_name: str, owner: Side, *, within: float) -> None:
        """Prepare writes to change owner. Raises SwitchUnready."""
        ends = self._of(slice_name)

        def work(sessions: Sessions[Side]) -> Sequence[Pair]:
            return proving.prove(sessions, ends, owner, within)

        found = await self._hands[slice_name].ask(work, within=2 * within + _GRACE)
        self._pairs[slice_name, owner] = found

    async def close(self, slice_name: str, side: Side, *, turn: int, within: float) -> None:
        """Close a side's tables to all but the stream. Raises GuardBlocked, SwitchUnready."""
        ends = self._of(slice_name)

        def work(sessions: Sessions[Side]) -> None:
            switching.close(sessions, ends, side, turn, within)

        await self._hands[slice_name].ask(work, within=within + _GRACE)

    async def fence(self, slice_name: str, side: Side, *, within: float) -> None:
        """Return once all that was committed on a side is on the other. Raises SwitchUnready."""
        ends, known = self._of(slice_name), self._pairs.get((slice_name, side))

        def work(sessions: Sessions[Side]) -> None:
            found = proving.numbered(sessions, ends, side) if known is None else known
            switching.fence(sessions, ends, side, found, within)

        await self._hands[slice_name].ask(work, within=within + _GRACE)

    async def open(self, slice_name: str, side: Side, *, turn: int) -> None:
        """Let everyone write to a side's tables. Raises SwitchUnready where the turn is over."""
        ends = self._of(slice_name)

        def work(sessions: Sessions[Side]) -> None:
            switching.open_(sessions, ends, side, turn)

        await self._hands[slice_name].ask(work, within=switching.OPENING + _GRACE)

    async def halt(self, slice_name: str) -> None:
        """Want no stream any more, and remove what they made."""
        await apart(partial(copying.halt, self._of(slice_name)))

    async def retire(self, slice_name: str) -> tuple[str, ...]:
        """Remove streams, slots and publications; return what remains to be deleted by people."""
        return await apart(partial(copying.retire, self._of(slice_name)))

    async def verify(self, slice_name: str, owner: Side) -> Verified:
        """Compare the content of both sides while both change. Raises CannotPin."""
        began, at = time.monotonic(), datetime.now(UTC)
        found = await apart(partial(verify, self._of(slice_name), owner))
        return found.model_copy(update={"at": at, "seconds": time.monotonic() - began})

    async def state(self, slice_name: str) -> TableState:
        """Return how the tables are, within two seconds whatever does not answer."""
        if missing := self._missing.get(slice_name):
            return TableState(forward=Way(trouble=missing.what), reverse=Way(trouble=missing.what))
        ends = self._of(slice_name)
        found = await asyncio.gather(*(self._look(ends, side) for side in Side))
        return seeing.table_state(dict(zip(Side, found, strict=True)))

    async def passed(self, slice_name: str, *, within: float) -> bool:
        """Whether all that is committed on the monolith now is on the new side in time."""
        try:
            async with asyncio.timeout(within):
                return await self._passes(self._of(slice_name))
        except TimeoutError:
            return False

    async def border(self, slice_name: str) -> tuple[Crossing, ...]:
        """Return foreign keys, triggers and views that cross the slice's border."""
        return await apart(partial(border, self._of(slice_name)))

    async def _look(self, ends: Ends, side: Side) -> seeing.Seen | str:
        try:
            return await self._eye(ends, side).ask(
                lambda sessions: seeing.look(sessions[side], ends, side), within=_LOOK
            )
        except StreamError as trouble:
            return f"the {side}'s database: {trouble.what}"

    async def _passes(self, ends: Ends) -> bool:
        monolith, new = self._eye(ends, Side.MONOLITH), self._eye(ends, Side.NEW)
        stream = ends.forward.stream
        position, beaten = None, False
        began = time.monotonic()
        while True:
            try:
                if position is None:
                    position = await monolith.ask(passing.end_of_log, within=_LOOK)
                here = partial(passing.has_come_to, stream=stream, position=position)
                if await new.ask(here, within=_LOOK):
                    return True
                if not beaten and time.monotonic() - began > _BEAT:
                    await monolith.ask(passing.beat, within=_LOOK)
                    beaten = True
            except StreamError:
                await asyncio.sleep(_SLOW)
            await asyncio.sleep(_POLL if time.monotonic() - began < 1 else _SLOW)

    def _eye(self, ends: Ends, side: Side) -> Desk[Side]:
        """Return what looks at a side's database, for every slice that has tables there."""
        url = ends.urls[side]
        if (side, url) not in self._eyes:
            self._eyes[side, url] = Desk({side: url}, "matapalo conductor", patience=2)
        return self._eyes[side, url]

    def _of(self, slice_name: str) -> Ends:
        if missing := self._missing.get(slice_name):
            raise StreamError(missing.what, where=missing.where, hint=missing.hint)
        if slice_name not in self._ends:
            raise UnknownSlice(f"no slice `{slice_name}` with tables")
        return self._ends[slice_name]


def _hand(ends: Ends) -> Desk[Side]:
    return Desk(ends.urls, f"matapalo switch {ends.name}")
