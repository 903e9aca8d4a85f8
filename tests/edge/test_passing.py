"""How requests pass: streams, WebSockets, and what is sent a second time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from matapalo.edge import Split
from tests.edge.world import Client, Reply, edge, upstreams
from tests.support import eventually, free_port

BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}},
    "products": {"p": {"services": {"s": {"url": "http://x"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}


def always(status: int) -> Reply:
    return lambda _: (status, {}, b"as it is")


async def test_a_websocket_reaches_the_monolith_and_stays(tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    short = {**BLUEPRINT, "monolith": {"url": "http://x", "timeout": 0.5}}
    async with upstreams("monolith") as at:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        at["monolith"].port = server.sockets[0].getsockname()[1]
        async with server, edge(short, at, tmp_path) as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(
                b"GET /live HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n"
                b"connection: upgrade\r\nsec-websocket-key: a\r\n\r\n"
            )
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            for word in (b"one\n", b"two\n"):
                writer.write(word)
                assert await reader.readline() == word.upper()
                # Longer than any request may take.
                await asyncio.sleep(0.7)
            writer.close()


async def test_an_answer_is_passed_on_as_it_comes(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        await go_on.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")
        writer.close()

    async with upstreams("monolith") as at:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        at["monolith"].port = server.sockets[0].getsockname()[1]
        async with server, edge(BLUEPRINT, at, tmp_path) as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n")
            await reader.readuntil(b"one\r\n")
            go_on.set()
            await reader.readuntil(b"two\r\n")
            writer.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_may_have_been_done_is_never_sent_twice(tmp_path: Path, method: str) -> None:
    async with upstreams("monolith") as at, edge(BLUEPRINT, at, tmp_path) as running:
        at["monolith"].abort = True
        assert (await running.ask("/x", method, b"pay")).status == 503
        assert at["monolith"].count == 1


async def test_a_read_that_got_no_answer_is_sent_again(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(BLUEPRINT, at, tmp_path) as running:
        at["monolith"].abort = True
        client = running.client()
        asking = asyncio.create_task(client.ask("/x"))
        await eventually(lambda: at["monolith"].count)
        at["monolith"].abort = False
        assert (await asking).status == 200
        assert at["monolith"].count < 7


async def test_an_answer_is_an_answer_whatever_it_says(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(BLUEPRINT, at, tmp_path) as running:
        for status in (500, 502, 503, 504, 429):
            at["monolith"].reply = always(status)
            answer = await running.ask("/x")
            assert (answer.status, answer.text) == (status, "as it is")
        assert at["monolith"].count == 5


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_is_starting_anew_is_waited_for(tmp_path: Path, method: str) -> None:
    async with upstreams("monolith") as at, edge(BLUEPRINT, at, tmp_path) as running:
        await at["monolith"].stop()
        asking = asyncio.create_task(running.ask("/x", method, b"pay"))
        await asyncio.sleep(0.5)
        assert not asking.done()
        await at["monolith"].start(at["monolith"].port)
        assert (await asking).status == 200
        assert at["monolith"].count == 1


async def test_who_moves_is_followed_and_no_request_is_lost(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at, edge(BLUEPRINT, at, tmp_path) as running:
        await running.split(cards=Split(reads_new=100, writes_new=True))
        failed = 0
        done = asyncio.Event()

        async def ask_on() -> int:
            client = Client(running.port)
            count = 0
            while not done.is_set():
                for method in ("GET", "POST"):
                    nonlocal failed
                    failed += (await client.ask("/cards", method, b"x")).status != 200
                    count += 1
            client.close()
            return count

        asking = [asyncio.create_task(ask_on()) for _ in range(8)]
        old = at["p/s"]
        for _ in range(5):
            await asyncio.sleep(0.2)
            new = type(old)("p/s", keep=False)
            await new.start(free_port())
            moved = {**running.endpoints.at, "p/s": (new.endpoint,)}
            await running.obey(endpoints=running.endpoints.model_copy(update={"at": moved}))
            await asyncio.sleep(0.2)
            await old.stop()
            old = new
        done.set()
        counts = await asyncio.gather(*asking)
        await old.stop()
        assert failed == 0
        assert sum(counts) > 1000
        meter = (await running.read()).meters["cards"]["new"]
        assert meter.requests == sum(counts), "the counters went on through every move"


async def test_each_request_counts_once_however_it_ends(tmp_path: Path) -> None:
    short = {**BLUEPRINT, "monolith": {"url": "http://x", "timeout": 0.4}}
    async with upstreams("monolith", "p/s") as at, edge(short, at, tmp_path) as running:
        monolith = at["monolith"]
        for status in (200, 404, 500, 503):
            monolith.reply = always(status)
            assert (await running.ask("/cards", "POST")).status == status
        monolith.abort = True
        assert (await running.ask("/cards", "POST")).status == 503
        monolith.abort, monolith.hold = False, asyncio.Event()
        assert (await running.ask("/cards", "POST")).status == 504
        monolith.hold.set()
        await monolith.stop()
        assert (await running.ask("/cards", "POST")).status in {503, 504}
        meter = (await running.read()).meters["cards"]["monolith"]
        assert (meter.requests, meter.errors, meter.active) == (7, 5, 0)


async def test_what_is_in_flight_and_how_long_it_took_is_known(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(BLUEPRINT, at, tmp_path) as running:
        monolith = at["monolith"]
        monolith.hold = asyncio.Event()
        asking = [asyncio.create_task(running.ask("/cards", "POST")) for _ in range(3)]

        async def three() -> bool:
            return (await running.read()).meters["cards"]["monolith"].active == 3

        await eventually(three)
        await asyncio.sleep(0.3)
        monolith.hold.set()
        await asyncio.gather(*asking)

        async def counted() -> bool:
            return bool((await running.read()).meters["cards"]["monolith"].percentile(0.5))

        await eventually(counted)
        meter = (await running.read()).meters["cards"]["monolith"]
        assert meter.active == 0
        assert meter.buckets[-1][1] == 3
        median = meter.percentile(0.5)
        assert median is not None
        assert median > 270
