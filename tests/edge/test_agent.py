"""The agent: whatever dies, the traffic goes on; and what it says is what Envoy obeys."""

import asyncio
import json
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from matapalo.edge import Split
from tests.edge.process import Conductor, EdgeProcess, conducting, edge_process
from tests.edge.world import Client, Upstream, upstreams
from tests.support import eventually

NEW = Split(reads_new=100, writes_new=True)
BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}, "drain": 5},
    "products": {"p": {"services": {"s": {"url": "http://127.0.0.1:9"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}


@asynccontextmanager
async def world(
    folder: Path, blueprint: dict[str, Any] = BLUEPRINT
) -> AsyncIterator[tuple[EdgeProcess, Conductor, dict[str, Upstream]]]:
    async with (
        upstreams("monolith", "p/s") as at,
        conducting() as conductor,
        edge_process(folder, blueprint, at, conductor) as edge,
    ):
        yield edge, conductor, at


async def side(edge: EdgeProcess) -> str:
    return (await edge.ask("/cards")).text


async def test_what_the_conductor_wants_is_obeyed_and_acknowledged(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        assert await side(edge) == "monolith"
        report = await conductor.obeyed(cards=NEW)
        assert (report.edge, report.rejected) == ("edge-1", "")
        assert await side(edge) == "p/s"
        await conductor.obeyed()
        assert await side(edge) == "monolith"


async def test_reports_come_by_themselves_with_what_passed(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        for _ in range(20):
            await side(edge)

        def heard() -> bool:
            meter = conductor.last.meters["cards"]["monolith"]
            return meter.requests == 20 and meter.buckets[-1][1] == 20

        await eventually(lambda: bool(conductor.reports))
        await eventually(heard)
        count = len(conductor.reports)
        await eventually(lambda: len(conductor.reports) >= count + 3)


async def test_a_dead_conductor_changes_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        await conductor.obeyed(cards=NEW)
        await conductor.stop()
        await eventually(lambda: '"edge": "conductor", "trouble"' in edge.said())
        assert await side(edge) == "p/s"
        await conductor.start()
        await conductor.obeyed()
        assert await side(edge) == "monolith"


async def test_a_conductor_that_shows_the_edge_the_door_changes_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        (tmp_path / "token").write_text("another one")
        await edge.start()
        await eventually(lambda: "the conductor says 401" in edge.said())
        assert await side(edge) == "monolith"
        (tmp_path / "token").write_text("a token for edges")
        await conductor.obeyed(cards=NEW)


async def test_an_edge_that_starts_alone_obeys_what_it_last_knew(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        await conductor.obeyed(cards=NEW)
        assert await edge.end() == 0
        await conductor.stop()
        await edge.start()
        assert await side(edge) == "p/s"


async def test_an_edge_without_a_memory_lets_nobody_in_before_it_is_told(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        conductor.want(cards=NEW)
        await conductor.stop()
        await edge.launch("--told-first")
        await eventually(lambda: '"edge": "conductor", "trouble"' in edge.said())
        with pytest.raises(ConnectionError):
            await edge.ask("/cards")
        assert not edge.envoys()
        await conductor.start()
        await eventually(lambda: '"edge": "ready"' in edge.said())
        assert (await edge.ask("/cards")).text == "p/s"
        assert await edge.end() == 0
        # It remembers now, and begins by itself.
        await conductor.stop()
        await edge.launch("--told-first")
        await eventually(lambda: edge.said().count('"edge": "ready"') == 2)
        assert (await edge.ask("/cards")).text == "p/s"


async def test_an_edge_that_waits_to_be_told_ends_when_it_is_told_to(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await conductor.stop()
        await edge.launch("--told-first")
        await eventually(lambda: '"edge": "conductor", "trouble"' in edge.said())
        assert await edge.end() == 0


async def test_an_edge_is_told_at_once_where_nothing_has_moved_yet(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, _conductor, _at):
        await edge.launch("--told-first")
        await eventually(lambda: '"edge": "ready"' in edge.said())
        assert await side(edge) == "monolith"


async def test_envoy_outlives_its_agent_and_is_taken_on_by_the_next(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        first = await conductor.obeyed(cards=NEW)
        (envoy,) = edge.envoys()
        client = Client(edge.port)
        assert (await client.ask("/cards")).text == "p/s"
        await edge.kill()
        assert (await client.ask("/cards")).text == "p/s"
        assert await side(edge) == "p/s"
        await edge.start()
        assert edge.envoys() == [envoy]
        # The same connection: nobody has noticed anything.
        assert (await client.ask("/cards")).text == "p/s"
        again = await conductor.obeyed()
        assert again.epoch == first.epoch
        assert (await client.ask("/cards")).text == "monolith"
        client.close()


async def test_a_dead_envoy_is_back_with_what_it_obeyed(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        before = await conductor.obeyed(cards=NEW)
        for _ in range(3):
            (envoy,) = edge.envoys()
            envoy.kill()
            await eventually(lambda: envoy not in edge.envoys() and edge.envoys())  # noqa: B023 (waited for at once)

            async def on_new() -> bool:
                return await side(edge) == "p/s"

            await eventually(on_new)
        await eventually(lambda: conductor.last.epoch != before.epoch)
        assert conductor.last.version == before.version


async def test_everything_killed_at_once_is_back_with_what_it_obeyed(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        await conductor.obeyed(cards=NEW)
        (envoy,) = edge.envoys()
        await conductor.stop()
        await edge.kill()
        envoy.kill()
        await edge.start()
        assert await side(edge) == "p/s"


async def test_who_moves_is_followed(tmp_path: Path) -> None:
    async with upstreams("other") as more, world(tmp_path) as (edge, _, _):
        await edge.start()
        edge.place({"monolith": more["other"]})

        async def moved() -> bool:
            return await side(edge) == "other"

        await eventually(moved)
        (tmp_path / "endpoints.json").write_text("{ this is no JSON")
        await eventually(lambda: "the file of endpoints cannot be read" in edge.said())
        assert await side(edge) == "other"


async def test_requests_in_flight_end_before_the_edge_does(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, _, at):
        await edge.start()
        at["monolith"].hold = asyncio.Event()
        asking = asyncio.create_task(edge.ask("/cards"))
        await eventually(lambda: at["monolith"].count)
        assert edge.process
        edge.process.send_signal(signal.SIGTERM)
        await eventually(lambda: '"edge": "drain"' in edge.said())
        await asyncio.sleep(0.5)
        at["monolith"].hold.set()
        answer = await asking
        assert (answer.text, answer.headers["connection"]) == ("monolith", "close")
        assert await edge.end() == 0
        assert not edge.envoys()


async def test_what_never_ends_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    short = {**BLUEPRINT, "edge": {"drain": 0.5}}
    async with world(tmp_path, short) as (edge, _, at):
        await edge.start()
        at["monolith"].hold = asyncio.Event()
        asking = asyncio.create_task(edge.ask("/cards"))
        await eventually(lambda: at["monolith"].count)
        assert await edge.end() == 0
        assert not edge.envoys()
        await asyncio.wait({asking})
        assert asking.exception()
        at["monolith"].hold.set()


async def test_a_port_in_use_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, _, _at):
        with socket.create_server(("127.0.0.1", edge.port)):
            await edge.launch()
            assert edge.process
            assert await edge.process.wait() == 1
        assert "Address already in use" in edge.said()
        assert "Traceback" not in edge.said()
        assert not edge.envoys()


async def test_nothing_listens_beyond_this_machine_and_admin_is_for_its_owner(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as (edge, _conductor, _at):
        await edge.start()
        assert edge.process
        family = [psutil.Process(edge.process.pid), *edge.envoys()]
        listening = [
            connection.laddr
            for process in family
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert {(address.ip, address.port) for address in listening} == {("127.0.0.1", edge.port)}
        admin = (edge.state / "admin.sock").stat()
        assert stat.S_ISSOCK(admin.st_mode)
        assert stat.S_IMODE(admin.st_mode) == 0o600
        assert stat.S_IMODE(edge.state.stat().st_mode) == 0o700


async def test_a_folder_with_a_long_name_is_no_trouble(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    async with world(deep) as (edge, conductor, _):
        await edge.start()
        await conductor.obeyed(cards=NEW)
        await edge.kill()
        await edge.start()
        await conductor.obeyed()
        assert await side(edge) == "monolith"


async def test_what_is_remembered_is_for_its_owner_and_whole(tmp_path: Path) -> None:
    async with world(tmp_path) as (edge, conductor, _at):
        await edge.start()
        for _ in range(5):
            await conductor.obeyed(cards=NEW)
            wanted = json.loads((edge.state / "wanted.json").read_text())
            assert wanted["version"] == conductor.wanted.version
        assert stat.S_IMODE((edge.state / "wanted.json").stat().st_mode) == 0o600
