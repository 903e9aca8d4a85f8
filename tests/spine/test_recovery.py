"""Killing anything, at any time, loses no state: what was down comes back as it was."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from matapalo.console import connect, seat_of
from matapalo.demo.customers import Customers
from matapalo.errors import LedgerSilent
from matapalo.local import System, running
from tests.spine.wallet import copy_to, matapalo, told
from tests.support import eventually

SLICE = "statements"


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with running(copy_to(tmp_path)) as system:
        yield system


async def move(system: System, verb: str, **wish: object) -> None:
    async with connect(seat_of(system.home.folder)) as conductor:
        async for _ in conductor.move(verb, SLICE, {"who": "test", **wish}):
            pass


async def is_at(system: System, stage: str, percent: float) -> bool:
    """Whether the ledger has the slice there; a ledger that just starts is no answer yet."""
    async with connect(seat_of(system.home.folder)) as conductor:
        try:
            seen = await conductor.slice(SLICE)
        except LedgerSilent:
            return False
    assert (seen.stage, seen.percent) == (stage, percent)
    return True


async def obeyed(system: System) -> bool:
    async with connect(seat_of(system.home.folder)) as conductor:
        edges = await conductor.edges()
        return bool(edges) and all(edge["live"] and edge["obeys"] for edge in edges)


def envoy_of(system: System) -> int:
    """Return the pid of the Envoy: an agent that was killed left it to the next one."""
    (envoy,) = [
        process.pid
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "envoy"
        and process.environ().get("MATAPALO_HOME") == str(system.home.folder)
    ]
    return int(envoy)


async def serves(system: System) -> bool:
    async with aiohttp.ClientSession() as http:
        for path in ("/health", "/app"):
            async with http.get(system.edge_url + path) as answer:
                assert answer.status == 200, (path, answer.status)
    return True


async def test_killing_each_process_under_traffic_loses_nothing(system: System) -> None:
    force = {"force": True, "why": "the test looks at recovery, not at gates"}
    await move(system, "advance", to="reading", percent=50, **force)
    async with Customers(system.edge_url, count=40, rate=40) as customers:
        for name in [status.name for status in system.status()]:
            system.kill(name)
            await eventually(partial(_back, system, name), within=60)
            await eventually(partial(serves, system), within=60)
            await eventually(partial(obeyed, system), within=60)
            await eventually(partial(is_at, system, "reading", 50), within=60)
        os.kill(envoy_of(system), signal.SIGKILL)
        await eventually(partial(serves, system), within=60)
        await eventually(partial(is_at, system, "reading", 50), within=60)
        books = await customers.settle()
    assert books.agree, books


def _back(system: System, name: str) -> bool:
    (status,) = [status for status in system.status() if status.name == name]
    return status.state == "running" and status.restarts > 0


async def test_a_killed_up_leaves_the_traffic_alone_and_the_next_one_takes_over(
    tmp_path: Path,
) -> None:
    blueprint = copy_to(tmp_path)
    assert (await asyncio.to_thread(matapalo, blueprint, "up", "--detach")).returncode == 0
    try:
        before = await told(blueprint, "status")
        await asyncio.to_thread(matapalo, blueprint, "advance", SLICE)
        os.kill(before["pid"], signal.SIGKILL)
        assert await _health(before["edge"]) == 200
        again = await asyncio.to_thread(matapalo, blueprint, "up", "--detach")
        assert again.returncode == 0, again.stdout + again.stderr
        after = await told(blueprint, "status")
        assert after["edge"] == before["edge"]
        assert not _alive(before["processes"])
        assert [s["stage"] for s in await told(blueprint, "slices") if s["name"] == SLICE] == [
            "shadowing"
        ]
    finally:
        await asyncio.to_thread(matapalo, blueprint, "down")


def _alive(processes: list[dict[str, Any]]) -> list[int]:
    return [p["pid"] for p in processes if psutil.pid_exists(p["pid"])]


async def _health(edge: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{edge}/health") as answer:
        return answer.status


async def test_nothing_listens_beyond_the_loopback(system: System) -> None:
    listening = {
        tuple(connection.laddr)
        for connection in psutil.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.pid in _family()
    }
    ports = set(json.loads(system.home.ports.read_text()).values())
    assert ports <= {port for _, port in listening}
    assert {address for address, _ in listening} <= {"127.0.0.1", "::1"}


def _family() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}
