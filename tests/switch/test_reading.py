"""While some read from the new side: each sees what he wrote, and a breach sends all of them back.

Before that, gates let nobody there: what is unknown is no pass, and neither is a person's silence.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from matapalo.errors import GatesNotPassed
from tests.support import eventually, free_port
from tests.switch.customers import Crowd
from tests.switch.world import LONG, World, world

GATES = {"approval": True, "min_requests": 20, "max_error_rate": 5, "max_error_rate_above": 5}


class Hook:
    """Somebody else's system, which is asked whether a slice may go on."""

    def __init__(self) -> None:
        self.answer = 503
        self.asked: list[dict[str, object]] = []
        self.port = free_port()

    @asynccontextmanager
    async def answering(self) -> AsyncIterator["Hook"]:
        app = web.Application()
        app.router.add_post("/", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return web.Response(status=self.answer, text="the release calendar")


async def test_readers_see_what_they_wrote_and_a_breach_sends_them_back(tmp_path: Path) -> None:
    hook = Hook()
    gates = {**GATES, "hook": f"http://127.0.0.1:{hook.port}/"}
    async with hook.answering(), world(tmp_path, steps=[50], gates=gates) as town:
        crowd = town.crowd(count=6, readers=6)
        async with crowd.busy():
            await town.conductor.advances(to="following", force=True, why="it harms nobody")
            await _nobody_goes_on_unless_everybody_says_yes(town, hook)
            await _everybody_sees_his_own(town, crowd)
            assert not crowd.failures, crowd.failures[:5]
            await _a_breach_sends_them_back(town, crowd)
        assert not crowd.stale, crowd.stale[:5]
        await town.holds(crowd)


async def _nobody_goes_on_unless_everybody_says_yes(town: World, hook: Hook) -> None:
    async def outcomes() -> dict[str, str]:
        gates = (await town.conductor.slice()).gates
        return {gate.name: gate.outcome.value for gate in gates}

    async def all_but_two_pass() -> bool:
        return {n for n, how in (await outcomes()).items() if how != "pass"} == {"hook", "approval"}

    await eventually(all_but_two_pass, within=LONG)
    with pytest.raises(GatesNotPassed, match="hook unclear"):
        await town.conductor.advances(wait=0)
    hook.answer = 403
    with pytest.raises(GatesNotPassed, match=r"hook failed \(the release calendar"):
        await town.conductor.advances()
    hook.answer = 200
    with pytest.raises(GatesNotPassed, match="approval unclear"):
        await town.conductor.advances(wait=0)
    await town.conductor.approved()
    arrived = await town.conductor.advances()
    assert str(arrived.position) == "reading 50%"
    assert hook.asked[-1] == {"slice": "orders", "stage": "following", "percent": 0}
    # Each step wants a yes of its own.
    assert (await outcomes())["approval"] == "inconclusive"


async def _everybody_sees_his_own(town: World, crowd: Crowd) -> None:
    """Every customer reads after each of his writes; half of those who only read do so there."""
    enough = len(crowd.acknowledged) + 400
    await eventually(lambda: len(crowd.acknowledged) >= enough, within=LONG)
    assert not crowd.stale, crowd.stale[:5]
    last = {one.read_by[-1] for one in crowd.customers if one.name in crowd.readers}
    assert last == {"monolith", "new"}


async def _a_breach_sends_them_back(town: World, crowd: Crowd) -> None:
    await town.kept["service"].end()
    await eventually(lambda: _is_back(town), within=LONG)
    entries = await town.conductor.ledger()
    begun = [entry for entry in entries if entry.kind == "move" and entry.state == "begun"][-1]
    assert begun.who == "matapalo"
    assert "error_rate failed" in begun.why
    back, written = time.monotonic(), len(crowd.acknowledged)
    await eventually(lambda: len(crowd.acknowledged) > written + 200, within=LONG)
    assert not [failure for failure in crowd.failures if failure.at > back]
    assert {failure.what for failure in crowd.failures} == {"GET"}


async def _is_back(town: World) -> bool:
    seen = await town.conductor.rests()
    return seen is not None and seen.stage == "following"
