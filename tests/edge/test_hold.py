"""Holding writes: they wait and do not fail, and leave for whoever owns them by then."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matapalo.edge import Split
from matapalo.edge.workers import Workers
from tests.edge.process import Conductor, EdgeProcess, conducting, edge_process
from tests.edge.world import Client, Seen, Upstream, edge, upstreams
from tests.support import eventually

BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}, "drain": 1},
    "products": {"p": {"services": {"s": {"url": "http://127.0.0.1:9"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}
OLD = Split()
NEW = Split(writes_new=True)
CLIENTS = 50
SWITCHES = 30


def held(split: Split, seconds: float = 60) -> Split:
    return split.model_copy(update={"hold": seconds})


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[tuple[EdgeProcess, Conductor, dict[str, Upstream]]]:
    async with (
        upstreams("monolith", "p/s") as at,
        conducting() as conductor,
        edge_process(folder, BLUEPRINT, at, conductor) as running,
    ):
        await running.start()
        await eventually(lambda: bool(conductor.reports))
        yield running, conductor, at


@dataclass
class Ownership:
    """Who may be written to. Whoever answers a write and may not, says so."""

    owner: str = "monolith"
    trespasses: list[str] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)

    def watch(self, upstream: Upstream) -> None:
        def reply(seen: Seen) -> tuple[int, dict[str, str], bytes]:
            if seen.method == "POST":
                self.writes[upstream.name] += 1
                if upstream.name != self.owner:
                    self.trespasses.append(f"{upstream.name} while {self.owner or 'nobody'} owns")
            return 200, {}, upstream.name.encode()

        upstream.reply = reply
        upstream.takes = 0.03
        upstream.keep = False


@dataclass
class Customers:
    """Write and read, each on a connection of his own."""

    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, number: int) -> None:
        client = Client(self.port)
        while not self.done.is_set():
            method = ("POST", "GET", "POST")[number % 3]
            number += 1
            answer = await client.ask("/cards", method, b"{}" if method == "POST" else None)
            self.statuses[answer.status] += 1
        client.close()


async def test_no_write_fails_or_goes_astray_while_the_owner_changes_again_and_again(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as (running, conductor, at):
        ownership = Ownership()
        for upstream in at.values():
            ownership.watch(upstream)
        customers = Customers(running.port)
        asking = [asyncio.create_task(customers.run(number)) for number in range(CLIENTS)]
        sides = [("monolith", OLD), ("p/s", NEW)]
        for number in range(SWITCHES):
            _, before = sides[number % 2]
            name, after = sides[(number + 1) % 2]
            await conductor.obeyed(cards=held(before))
            # From the acknowledgement on, nobody is written to.
            ownership.owner = ""
            written = ownership.writes.total()
            await asyncio.sleep(0.01)
            assert ownership.writes.total() == written
            ownership.owner = name
            await conductor.obeyed(cards=after)
            goal = ownership.writes[name] + 20
            await eventually(lambda: ownership.writes[name] >= goal)  # noqa: B023 (waited for at once)
        customers.done.set()
        await asyncio.gather(*asking)
        assert set(customers.statuses) == {200}
        assert ownership.trespasses == []
        assert min(ownership.writes.values()) > 20 * SWITCHES / 2


async def test_a_write_waits_while_it_is_held_and_reads_do_not(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at, edge(BLUEPRINT, at, tmp_path) as running:
        await running.split(cards=held(OLD))
        writing = [asyncio.create_task(running.ask("/cards", "PUT", b"x")) for _ in range(20)]
        assert (await running.ask("/cards")).text == "monolith"
        assert (await running.ask("/other", "POST")).text == "monolith"
        await asyncio.sleep(0.3)
        assert not any(task.done() for task in writing)
        await running.split(cards=NEW)
        assert {answer.text for answer in await asyncio.gather(*writing)} == {"p/s"}
        assert {seen.body for seen in at["p/s"].seen} == {b"x"}


async def test_a_hold_is_acknowledged_when_what_had_passed_is_answered(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, at):
        at["monolith"].hold = asyncio.Event()
        before = asyncio.create_task(running.ask("/cards", "POST"))
        await eventually(lambda: at["monolith"].count)
        version = conductor.want(cards=held(OLD))
        count = len(conductor.reports)
        await eventually(lambda: len(conductor.reports) >= count + 3)
        assert conductor.last.version == version - 1
        behind = asyncio.create_task(running.ask("/cards", "POST"))
        await asyncio.sleep(0.2)
        at["monolith"].hold.set()
        assert (await before).status == 200
        await eventually(lambda: conductor.last.version == version)
        assert at["monolith"].count == 1
        await conductor.obeyed(cards=NEW)
        assert (await behind).text == "p/s"


async def test_a_newer_version_is_obeyed_while_an_older_hold_still_drains(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, at):
        at["monolith"].hold = asyncio.Event()
        before = asyncio.create_task(running.ask("/cards", "POST"))
        await eventually(lambda: at["monolith"].count)
        conductor.want(cards=held(OLD))
        behind = asyncio.create_task(running.ask("/cards", "POST"))
        await asyncio.sleep(0.2)
        await conductor.obeyed(cards=OLD)
        await eventually(lambda: at["monolith"].count == 2)
        at["monolith"].hold.set()
        assert {(await before).text, (await behind).text} == {"monolith"}


async def test_a_write_between_two_attempts_is_under_way(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, at):
        port = at["monolith"].port
        await at["monolith"].stop()
        before = asyncio.create_task(running.ask("/cards", "POST"))
        await asyncio.sleep(0.3)
        version = conductor.want(cards=held(OLD))
        await asyncio.sleep(0.7)
        assert not before.done()
        assert conductor.last.version < version
        await at["monolith"].start(port)
        assert (await before).text == "monolith"
        await eventually(lambda: conductor.last.version == version)


async def test_a_request_that_waited_for_the_authorizer_goes_to_the_owner_of_now(
    tmp_path: Path,
) -> None:
    login = {"kind": "introspection", "url": "http://127.0.0.1:9/introspect"}
    blueprint = {**BLUEPRINT, "security": {"login": login}}
    names = ("monolith", "p/s", "authorizer")
    async with upstreams(*names) as at, edge(blueprint, at, tmp_path) as running:
        at["authorizer"].hold = asyncio.Event()
        asking = asyncio.create_task(running.ask("/cards", "POST", authorization="Bearer t"))
        await eventually(lambda: at["authorizer"].count)
        await running.split(cards=held(OLD))
        await running.split(cards=NEW)
        at["authorizer"].hold.set()
        assert (await asking).text == "p/s"
        assert not at["monolith"].count


async def test_a_write_that_waits_too_long_is_told_to_come_again(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at, edge(BLUEPRINT, at, tmp_path) as running:
        await running.split(cards=held(OLD, 0.3))
        answer = await running.ask("/cards", "POST", b"{}")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["content-type"] == "application/json"
        assert "held" in answer.json()["error"]
        assert (at["monolith"].count, at["p/s"].count) == (0, 0)
        await running.split(cards=OLD)
        assert (await running.ask("/cards", "POST", b"{}")).text == "monolith"


async def test_where_it_is_not_known_who_owns_a_write_it_waits(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at, edge(BLUEPRINT, at, tmp_path) as running:
        file = running.place.folder / "slices" / "cards"
        for broken in (None, "", "monolith - - - 1 00000000"):
            known = file.read_text()
            file.unlink() if broken is None else file.write_text(broken)
            writing = asyncio.create_task(running.ask("/cards", "POST"))
            assert (await running.ask("/cards")).text == "monolith"
            await asyncio.sleep(0.3)
            assert not writing.done()
            file.write_text(known)
            assert (await writing).text == "monolith"


async def test_large_bodies_survive_a_hold(tmp_path: Path) -> None:
    blueprint = {**BLUEPRINT, "edge": {"limits": {"rate": None, "body_kib": 8192}}}
    async with upstreams("monolith", "p/s") as at, edge(blueprint, at, tmp_path) as running:
        await running.split(cards=held(OLD))
        bodies = [bytes([number]) * size for number, size in enumerate((1, 300_000, 4_000_000))]
        writing = [asyncio.create_task(running.ask("/cards", "POST", body)) for body in bodies]
        await asyncio.sleep(0.3)
        await running.split(cards=NEW)
        assert {answer.text for answer in await asyncio.gather(*writing)} == {"p/s"}
        assert sorted(seen.body for seen in at["p/s"].seen) == bodies


async def test_writes_that_wait_outlive_the_agent(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        await conductor.obeyed(cards=held(OLD))
        writing = [asyncio.create_task(running.ask("/cards", "POST")) for _ in range(10)]
        await asyncio.sleep(0.2)
        await running.kill()
        version = conductor.want(cards=NEW)
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in writing)
        await running.start()
        assert {(await task).text for task in writing} == {"p/s"}
        await eventually(lambda: conductor.last.version == version)


async def test_a_dead_envoy_is_back_with_the_hold_that_it_had(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        before = await conductor.obeyed(cards=held(OLD))
        (envoy,) = running.envoys()
        envoy.kill()
        await eventually(lambda: conductor.last.epoch != before.epoch)
        writing = asyncio.create_task(running.ask("/cards", "POST"))
        await asyncio.sleep(0.3)
        assert not writing.done()
        await conductor.obeyed(cards=NEW)
        assert (await writing).text == "p/s"


async def test_an_agent_that_died_before_it_could_remember_goes_on_from_its_files(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        await conductor.obeyed(cards=OLD)
        remembered = (running.state / "wanted.json").read_text()
        await conductor.obeyed(cards=NEW)
        await conductor.stop()
        await running.kill()
        (running.state / "wanted.json").write_text(remembered)
        await running.start()
        assert (await running.ask("/cards", "POST")).text == "p/s"


async def test_neither_a_hold_nor_another_owner_moves_a_route(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        files = sorted((running.state / "xds").rglob("*.json"))
        assert len(files) == 3
        before = [file.stat().st_mtime_ns for file in files]
        for split in (held(OLD), held(NEW), NEW, OLD):
            await conductor.obeyed(cards=split)
        assert [file.stat().st_mtime_ns for file in files] == before


async def test_nobody_else_steers_and_nobody_sees_it(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at, edge(BLUEPRINT, at, tmp_path) as running:
        answer = await running.ask("/cards", "POST", x_matapalo_owner="new")
        assert answer.text == "monolith"
        (seen,) = at["monolith"].seen
        assert "x-matapalo-owner" not in seen.headers
        assert "set-cookie" not in answer.headers


async def test_every_worker_is_met_and_those_of_the_next_envoy_too(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at:
        for _ in range(2):
            async with edge(BLUEPRINT, at, tmp_path) as running:
                workers = Workers(running.admin, running.place.clock)
                await workers.turn()
                count = await workers._count()
                assert len(workers._known) == count > 0
                await workers.turn()
                assert running.place.clock.stat().st_mode & 0o077 == 0
                workers.close()
