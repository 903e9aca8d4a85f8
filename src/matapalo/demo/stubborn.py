"""Moving a slice through a storm: asked for again until it is where it shall be.

A conductor that was killed carries on with what it had begun, gates that failed because a process
was killed are overridden, a step at a time, and a slice whose users were sent back goes on from
there. Gates over tables are never overridden.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from matapalo.conductor import Event, Outcome, Position, SliceView, Stage
from matapalo.console import Client
from matapalo.demo.performance import WHO, Move, wish
from matapalo.demo.story import Act
from matapalo.errors import (
    ConductorError,
    EdgeError,
    GatesNotPassed,
    LocalError,
    MatapaloError,
    StreamError,
)

PATIENCE = 180.0
"""Seconds within which a slice has to arrive, whatever happens."""
AGAIN = 0.5
"""Seconds between two attempts."""
OF_TRAFFIC = frozenset({"requests", "error_rate", "error_rate_above", "p99", "mismatches"})
"""Gates that processes which were killed let fail."""
BY_THE_WAY = (ConductorError, EdgeError, StreamError)

Say = Callable[[str], None]


def stubborn(conductor: Client, say: Say) -> Move:
    """Return what makes moves whatever happens. `say` is told of what stood in the way."""
    return lambda act: _insist(conductor, act, say)


async def _insist(conductor: Client, act: Act, say: Say) -> AsyncIterator[Event]:
    """Move until the slice is there. Raises LocalError when that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while (seen := await _looked(conductor, act.slice, deadline)) and not _is_there(seen, act):
        try:
            async for event in _move(conductor, act, seen):
                yield event
        except BY_THE_WAY as trouble:
            say(trouble.what)
            await asyncio.sleep(AGAIN)


async def _move(conductor: Client, act: Act, seen: SliceView) -> AsyncIterator[Event]:
    if seen.move:  # it goes on by itself
        await asyncio.sleep(AGAIN)
        return
    asked = {**wish(act), "wait": PATIENCE / 3, "why": "demonstration, in a storm"}
    verb = "advance" if _position(seen) < act.position else "back"
    try:
        async for event in conductor.move(verb, act.slice, asked):
            yield event
    except GatesNotPassed:
        if not _fail_by_traffic(await conductor.slice(act.slice)):
            raise
        forced = {"who": WHO, "why": "processes were killed", "force": True}
        async for event in conductor.move("advance", act.slice, forced):
            yield event


async def _looked(conductor: Client, name: str, deadline: float) -> SliceView:
    """Return where a slice is, as soon as somebody says so."""
    while True:
        trouble: MatapaloError | None = None
        try:
            seen = await conductor.slice(name)
        except BY_THE_WAY as silent:
            trouble = silent
        if time.monotonic() > deadline:
            raise LocalError("a slice does not arrive", where=name) from trouble
        if trouble is None:
            return seen
        await asyncio.sleep(AGAIN)


def _fail_by_traffic(seen: SliceView) -> bool:
    failed = {verdict.name for verdict in seen.gates if verdict.outcome is Outcome.FAIL}
    return failed <= OF_TRAFFIC


def _is_there(seen: SliceView, act: Act) -> bool:
    return seen.move is None and _position(seen) == act.position


def _position(seen: SliceView) -> Position:
    return Position(Stage(seen.stage), seen.percent)
