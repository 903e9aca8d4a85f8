"""Copies: of safe requests only, metered apart, and costing nobody anything.

One goes to the new side, one to the comparison; each has its own share.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from matapalo.edge import Split
from tests.edge.world import Client, edge, upstreams
from tests.support import eventually

BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}},
    "products": {"p": {"services": {"s": {"url": "http://x"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}


async def test_safe_requests_are_copied_and_marked_and_nothing_else(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(BLUEPRINT, at, tmp_path) as running,
    ):
        await running.split(cards=Split(mirror=100))
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"):
            answer = await running.ask(f"/cards/{method}?q=1", method)
            assert method == "HEAD" or answer.text == "monolith"
        await eventually(lambda: at["p/s"].count >= 3)
        await running.ask("/other")
        copies = sorted(at["p/s"].seen, key=lambda seen: seen.method)
        assert [seen.method for seen in copies] == ["GET", "HEAD", "OPTIONS"]
        for seen in copies:
            assert seen.path == f"/cards/{seen.method}?q=1"
            assert seen.headers["x-matapalo-shadow"] == "1"
            assert seen.headers["host"] == "wallet.test"
        assert all("x-matapalo-shadow" not in seen.headers for seen in at["monolith"].seen)


async def test_a_sample_is_copied(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(BLUEPRINT, at, tmp_path) as running,
    ):
        await running.split(cards=Split(mirror=20))
        client = running.client()
        for _ in range(1000):
            await client.ask("/cards")
        reading = await running.read()
        await eventually(lambda: at["p/s"].count >= 100)
        assert 100 < at["p/s"].count < 300
        assert reading.meters["cards"]["monolith"].requests == 1000


async def test_of_divided_reads_the_monolith_s_are_copied(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(BLUEPRINT, at, tmp_path) as running,
    ):
        await running.split(cards=Split(reads_new=50, mirror=100))
        client = running.client()
        answers = [(await client.ask("/cards")).text for _ in range(100)]
        at_monolith = answers.count("monolith")
        assert 0 < at_monolith < 100
        await eventually(lambda: at["p/s"].count == 100)
        copies = [seen for seen in at["p/s"].seen if "x-matapalo-shadow" in seen.headers]
        assert len(copies) == at_monolith
        assert all("x-matapalo-mirror" not in seen.headers for seen in copies)


async def test_copies_are_metered_apart_from_requests(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at:
        at["p/s"].reply = lambda _: (500, {}, b"")
        async with edge(BLUEPRINT, at, tmp_path) as running:
            await running.split(cards=Split(mirror=100))
            client = running.client()
            for _ in range(30):
                assert (await client.ask("/cards")).status == 200

            async def counted() -> bool:
                return (await running.read()).meters["cards"]["shadow"].errors == 30

            await eventually(counted)
            meters = (await running.read()).meters["cards"]
            assert (meters["shadow"].requests, meters["monolith"].requests) == (30, 30)
            assert (meters["monolith"].errors, meters["new"].requests) == (0, 0)


async def test_a_new_side_that_hangs_costs_nobody_anything(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at:
        at["p/s"].hold = asyncio.Event()
        async with edge(BLUEPRINT, at, tmp_path) as running:
            await running.split(cards=Split(mirror=100))
            clients = [running.client() for _ in range(10)]

            async def ask_many(number: int) -> None:
                for _ in range(50):
                    assert (await clients[number].ask("/cards")).text == "monolith"

            await asyncio.gather(*map(ask_many, range(10)))
            reading = await running.read()
            assert reading.meters["cards"]["monolith"].requests == 500
            assert reading.meters["cards"]["shadow"].active <= 100
            assert at["p/s"].count <= 100
            at["p/s"].hold.set()


async def test_the_comparison_is_told_all_that_the_edge_knows(tmp_path: Path) -> None:
    blueprint = {**BLUEPRINT, "edge": {"limits": {"rate": None}, "user_header": "x-customer"}}
    async with (
        upstreams("monolith", "p/s", "comparison") as at,
        edge(blueprint, at, tmp_path) as running,
    ):
        await running.split(cards=Split(compare=100))
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
            await running.ask(f"/cards/{method}?q=1", method, x_customer="ana")
        await eventually(lambda: at["comparison"].count >= 3)
        await running.ask("/other")
        copies = sorted(at["comparison"].seen, key=lambda seen: seen.method)
        assert [seen.method for seen in copies] == ["GET", "HEAD", "OPTIONS"]
        for seen in copies:
            assert seen.path == f"/cards/{seen.method}?q=1"
            assert seen.headers["x-matapalo-slice"] == "cards"
            assert seen.headers["x-matapalo-user"] == "ana"
            assert seen.headers["host"] == "wallet.test"
        assert at["p/s"].count == 0
        assert all("x-matapalo-slice" not in seen.headers for seen in at["monolith"].seen)


@pytest.mark.parametrize(("mirror", "compare"), [(100, 20), (20, 100), (20, 20), (20, 0)])
async def test_each_copy_has_its_own_share(tmp_path: Path, mirror: int, compare: int) -> None:
    async with (
        upstreams("monolith", "p/s", "comparison") as at,
        edge(BLUEPRINT, at, tmp_path) as running,
    ):
        await running.split(cards=Split(mirror=mirror, compare=compare))
        client = running.client()
        for _ in range(500):
            assert (await client.ask("/cards")).text == "monolith"

        def near(share: int, count: int) -> bool:
            return share * 5 * 0.5 <= count <= share * 5 * 1.6

        await eventually(lambda: near(mirror, at["p/s"].count))
        await eventually(lambda: near(compare, at["comparison"].count))
        assert all("x-matapalo-shadow" in seen.headers for seen in at["p/s"].seen)
        assert all("x-matapalo-slice" in seen.headers for seen in at["comparison"].seen)


async def test_of_divided_reads_the_monolith_s_are_compared(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s", "comparison") as at,
        edge(BLUEPRINT, at, tmp_path) as running,
    ):
        await running.split(cards=Split(reads_new=50, mirror=100, compare=100))
        client = running.client()
        answers = [(await client.ask("/cards")).text for _ in range(100)]
        at_monolith = answers.count("monolith")
        assert 0 < at_monolith < 100
        await eventually(lambda: at["comparison"].count == at_monolith)
        await eventually(lambda: at["p/s"].count == 100)
        own = ("x-matapalo-mirror", "x-matapalo-compare", "x-matapalo-shadow")
        assert all(name not in seen.headers for seen in at["comparison"].seen for name in own)


@pytest.mark.parametrize("trouble", ["hangs", "aborts", "is not there"])
async def test_a_comparison_in_trouble_costs_nobody_anything(tmp_path: Path, trouble: str) -> None:
    async with upstreams("monolith", "p/s", "comparison") as at:
        at["comparison"].hold = asyncio.Event() if trouble == "hangs" else None
        at["comparison"].abort = trouble == "aborts"
        known = {name: where for name, where in at.items() if name != "comparison"}
        async with edge(BLUEPRINT, known if trouble == "is not there" else at, tmp_path) as running:
            await running.split(cards=Split(compare=100))
            clients = [running.client() for _ in range(10)]

            async def ask_many(client: Client) -> None:
                for _ in range(50):
                    assert (await client.ask("/cards")).text == "monolith"

            await asyncio.gather(*map(ask_many, clients))
            reading = await running.read()
            assert reading.meters["cards"]["monolith"].requests == 500
            # A hundred at once, and each may be tried again.
            assert at["comparison"].count <= (100 if trouble == "hangs" else 5000)
            if at["comparison"].hold:
                at["comparison"].hold.set()
