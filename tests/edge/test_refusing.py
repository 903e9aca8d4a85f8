"""What Envoy refuses is said, with its reason, and changes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from matapalo.blueprint import Blueprint
from matapalo.edge import Endpoint, Endpoints, Report, Split, Wanted
from matapalo.edge.admin import Admin
from matapalo.edge.agent import Agent
from matapalo.edge.drain import Drain
from matapalo.edge.keeper import Keeper
from matapalo.edge.line import Line
from matapalo.edge.memory import EndpointsFile, Memory
from matapalo.edge.process import Setting, place_of
from matapalo.edge.resources import Place, Resources, Text, render
from matapalo.edge.standings import Standings
from matapalo.edge.workers import Workers
from matapalo.edge.xds import Xds
from matapalo.errors import ConfigRejected
from tests.edge.process import Conductor, conducting
from tests.edge.world import Client, a_blueprint, edge, quiet, upstreams
from tests.support import eventually, free_port

NEW = Split(reads_new=100, writes_new=True)
PARTS: dict[str, Any] = {
    "products": {"p": {"services": {"s": {"url": "http://x"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}
SPOILED = 2
"""The version that is rendered so that Envoy must refuse it."""


def spoiled(
    blueprint: Blueprint, endpoints: Endpoints, wanted: Wanted, place: Place, name: str
) -> Resources:
    resources = render(blueprint, endpoints, wanted, place, name)
    if wanted.version != SPOILED:
        return resources
    content = json.loads(resources.routes.content)
    content["version_info"] = "spoiled"
    content["resources"][0]["virtual_hosts"][0]["domains"] = ["(", "("]
    return replace(resources, routes=Text("spoiled", json.dumps(content)))


@asynccontextmanager
async def agent(
    folder: Path, conductor: Conductor, endpoints: dict[str, Endpoint]
) -> AsyncIterator[tuple[int, Keeper, Place]]:
    """Run an agent in this process, which renders one version wrong."""
    blueprint = a_blueprint(**PARTS)
    place = place_of(Setting("edge-1", folder / "endpoints.json", folder / "edge", free_port()))
    at = {name: (where,) for name, where in endpoints.items()}
    (folder / "endpoints.json").write_text(Endpoints(at=at).model_dump_json())
    (folder / "token").write_text("a token for edges")
    stop = asyncio.Event()
    async with Admin(place.admin) as admin, aiohttp.ClientSession() as session:
        xds = Xds(place, admin)
        workers = Workers(admin, place.clock)
        keeper = Keeper(place, admin, xds, 0.2, quiet)
        running = Agent(
            name="edge-1",
            blueprint=blueprint,
            place=place,
            endpoints=EndpointsFile(folder / "endpoints.json"),
            memory=Memory(place.folder),
            standings=Standings(place.folder, blueprint.slices),
            xds=xds,
            drain=Drain(admin, workers),
            keeper=keeper,
            line=Line(session, conductor.url, folder / "token", "edge-1"),
            say=quiet,
            render=spoiled,
        )
        task = asyncio.create_task(running.run(stop))
        try:
            yield place.port, keeper, place
        finally:
            stop.set()
            await task
            workers.close()


async def test_a_refused_version_is_reported_and_the_one_before_stays(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at, conducting() as conductor:
        where = {name: upstream.endpoint for name, upstream in at.items()}
        async with agent(tmp_path, conductor, where) as (port, keeper, place):
            await eventually(lambda: bool(conductor.reports))
            await conductor.obeyed(cards=NEW)
            assert conductor.want() == SPOILED
            await eventually(lambda: conductor.last.rejected_version == SPOILED)
            report: Report = conductor.last
            assert report.version == 1
            assert "routes" in report.rejected
            assert "domain" in report.rejected
            client = Client(port)
            assert (await client.ask("/cards")).text == "p/s"
            client.close()
            assert "spoiled" not in place.discovery("routes").read_text()

            # An Envoy that starts now comes up with what the last one obeyed.
            epoch = keeper.epoch
            await kill(epoch)
            await eventually(lambda: conductor.last.epoch != epoch)
            client = Client(port)
            assert (await client.ask("/cards")).text == "p/s"

            # The next version is obeyed, and the refusal forgotten.
            report = await conductor.obeyed()
            assert (report.rejected, report.rejected_version) == ("", 0)
            assert (await client.ask("/cards")).text == "monolith"
            client.close()


async def kill(epoch: str) -> None:
    pid = int(epoch.partition("-")[0])
    process = await asyncio.create_subprocess_exec("kill", "-9", str(pid))
    await process.wait()


BROKEN = {
    "no JSON": "{",
    "no such field": '{"version_info":"x","resources":[{"@type":'
    '"type.googleapis.com/envoy.config.route.v3.RouteConfiguration","nonsense":1}]}',
    "no such type": '{"version_info":"x","resources":[{"@type":"nonsense"}]}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
async def test_nonsense_of_every_kind_is_refused(tmp_path: Path, content: str) -> None:
    async with upstreams("monolith", "p/s") as at, edge(PARTS, at, tmp_path) as running:
        await running.split(cards=NEW)
        good = render(running.blueprint, running.endpoints, running.wanted, running.place)
        before = running.place.discovery("routes").read_text()
        with pytest.raises(ConfigRejected, match=r"Envoy refused the routes: .+"):
            await running.xds.obey(replace(good, routes=Text("x", content)))
        assert running.place.discovery("routes").read_text() == before
        assert (await running.ask("/cards")).text == "p/s"
        await running.split()
        assert (await running.ask("/cards")).text == "monolith"
