"""The comparison behind a real Envoy: what clients ask reaches it, and costs them nothing."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from matapalo.edge import Endpoint, Split
from tests.compare.world import BLUEPRINT, world
from tests.edge.world import edge


@dataclass
class At:
    """Something that answers at a port."""

    port: int

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(host="127.0.0.1", port=self.port)


UNLIMITED = {**BLUEPRINT, "edge": {"limits": {"rate": None}}}


async def test_what_clients_read_is_compared_as_they_asked_it(tmp_path: Path) -> None:
    async with world(tmp_path) as made:

        async def told(request: web.Request) -> web.StreamResponse:
            return web.json_response({"target": request.raw_path, "host": request.host})

        made.monolith.reply = made.new.reply = told
        at = {name: At(p) for name, p in _ports(made.monolith.port, made.new.port, made.port)}
        async with edge(UNLIMITED, at, tmp_path) as running:
            await running.split(cards=Split(compare=100))
            for number in range(10):
                answer = await running.ask(f"/cards/{number}?q=%20a")
                assert answer.json()["target"] == f"/cards/{number}?q=%20a"
            assert (await running.ask("/cards/old/1", "POST")).status == 200
            assert (await running.ask("/cards", x_matapalo_slice="other")).status == 200
            said = await made.compared(11)
            assert (said.compared, said.mismatched, said.skipped) == (11, 0, {})
            assert made.said("other").compared == 0
            asked = [seen for seen in made.new.seen if "x-matapalo-shadow" in seen.headers]
            assert len(asked) == len(made.new.seen) == 11
            assert {seen.host for seen in asked} == {"wallet.test"}
            assert not any("x-matapalo-slice" in seen.headers for seen in asked)


async def test_a_new_side_that_hangs_costs_clients_nothing(tmp_path: Path) -> None:
    until = asyncio.Event()
    async with world(tmp_path) as made:

        async def quick(_: web.Request) -> web.StreamResponse:
            return web.json_response(1)

        async def slow(_: web.Request) -> web.StreamResponse:
            await until.wait()
            return web.json_response(1)

        made.monolith.reply, made.new.reply = quick, slow
        at = {name: At(p) for name, p in _ports(made.monolith.port, made.new.port, made.port)}
        async with edge(UNLIMITED, at, tmp_path) as running:
            await running.split(cards=Split(compare=100))
            clients = [running.client() for _ in range(10)]

            async def ask_many(number: int) -> None:
                for _ in range(50):
                    assert (await clients[number].ask("/cards")).status == 200

            # Done while the new side has answered nobody.
            await asyncio.gather(*map(ask_many, range(10)))
            assert made.new.most <= 8
            assert made.process
            made.process.kill()
            await made.process.wait()
            await ask_many(0)
            until.set()


def _ports(monolith: int, new: int, comparison: int) -> list[tuple[str, int]]:
    return [("monolith", monolith), ("p/s", new), ("comparison", comparison)]
