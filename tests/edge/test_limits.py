"""What one request, and one client, may be."""

import asyncio
from pathlib import Path
from typing import Any

from tests.edge.world import Answer, Edge, edge, read_answer, upstreams


def blueprint(**limits: Any) -> dict[str, Any]:
    return {"edge": {"limits": {"rate": None, **limits}, "trusted_hops": 1}}


async def raw(running: Edge, *pieces: bytes, pause: float = 0) -> Answer:
    """Send pieces as they are, with pauses between, and read one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await read_answer(reader)
    finally:
        writer.close()


def chunked(size: int) -> list[bytes]:
    head = b"POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    return [head, *[chunk] * (size // 1024), b"0\r\n\r\n"]


async def test_headers_that_are_too_large_are_refused(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(blueprint(header_kib=8), at, tmp_path) as running:
        assert (await running.ask("/x", a="b" * 6_000)).status == 200
        assert (await running.ask("/x", a="b" * 10_000)).status == 431
        assert len(at["monolith"].seen) == 1


async def test_bodies_that_are_too_large_are_refused(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(blueprint(body_kib=64), at, tmp_path) as running:
        assert (await running.ask("/x", "POST", b"x" * 64 * 1024)).status == 200
        assert (await running.ask("/x", "POST", b"x" * (64 * 1024 + 1))).status == 413
        assert (await raw(running, *chunked(32 * 1024))).status == 200
        answer = await raw(running, *chunked(80 * 1024))
        assert answer.status == 413
        assert answer.json()["error"]
        assert [len(seen.body) for seen in at["monolith"].seen] == [64 * 1024, 32 * 1024]


async def test_a_request_that_does_not_arrive_is_given_up(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(blueprint(request=0.5), at, tmp_path) as running:
        head = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n"
        assert (await raw(running, head, b"x")).status == 408
        assert (await raw(running, b"GET /x HTTP/1.1\r\nhost: x\r\n")).status == 408


async def test_an_upstream_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    slow = {"monolith": {"url": "http://x", "timeout": 0.3}, **blueprint()}
    async with upstreams("monolith") as at, edge(slow, at, tmp_path) as running:
        at["monolith"].hold = asyncio.Event()
        answer = await running.ask("/x")
        assert (answer.status, answer.json()["error"]) == (504, "upstream request timeout")
        at["monolith"].hold.set()


async def test_one_client_is_slowed_and_the_others_are_not(tmp_path: Path) -> None:
    rate = {"rate": {"per_second": 10, "burst": 20}}
    async with upstreams("monolith") as at, edge(blueprint(**rate), at, tmp_path) as running:
        client = running.client()
        answers = [await client.ask("/x", x_forwarded_for="192.0.2.1") for _ in range(60)]
        passed = [answer for answer in answers if answer.status == 200]
        slowed = [answer for answer in answers if answer.status == 429]
        assert len(passed) + len(slowed) == 60
        assert 20 <= len(passed) < 50
        assert {answer.headers["retry-after"] for answer in slowed} == {"1"}
        assert slowed[0].json()["error"]
        for other in range(200):
            ip = f"198.51.100.{other}"
            assert (await client.ask("/x", x_forwarded_for=ip)).status == 200
        told = [f"6.6.6.{n}, 192.0.2.1" for n in range(60)]
        again = [(await client.ask("/x", x_forwarded_for=way)).status for way in told]
        assert 429 in again


async def test_without_a_proxy_no_client_says_where_he_comes_from(tmp_path: Path) -> None:
    rate = {"edge": {"limits": {"rate": {"per_second": 1, "burst": 5}}}}
    async with upstreams("monolith") as at, edge(rate, at, tmp_path) as running:
        client = running.client()
        found = [(await client.ask("/x", x_forwarded_for=f"192.0.2.{n}")).status for n in range(30)]
        assert 429 in found
        assert at["monolith"].seen[0].headers["x-forwarded-for"].startswith("192.0.2.0,")


async def test_a_proxy_that_names_the_client_in_its_own_header_is_believed(tmp_path: Path) -> None:
    """As CloudFront does, whose word is not in X-Forwarded-For by the time that it comes here."""
    limits = {"rate": {"per_second": 1, "burst": 5}}
    own = {"edge": {"limits": limits, "client_header": "x-matapalo-client"}}
    async with upstreams("monolith") as at, edge(own, at, tmp_path) as running:
        client = running.client()

        async def ask(named: str, forwarded: str) -> int:
            said = await client.ask("/x", x_matapalo_client=named, x_forwarded_for=forwarded)
            return said.status

        others = [await ask(f"192.0.2.{n}", "10.0.0.7") for n in range(30)]
        assert set(others) == {200}
        assert await ask("2001:db8::7", "10.0.0.7") == 200
        assert 429 in [await ask("192.0.2.77", f"6.6.6.{n}") for n in range(30)]
        seen = at["monolith"].seen[0].headers
        assert seen["x-forwarded-for"].split(",")[0] == "192.0.2.0"
        assert "x-matapalo-client" not in seen


async def test_what_envoy_would_believe_of_a_friend_it_believes_of_nobody(tmp_path: Path) -> None:
    headers = {
        "x_request_id": "mine",
        "x_envoy_retry_on": "5xx",
        "x_envoy_max_retries": "5",
        "x_envoy_upstream_rq_timeout_ms": "1",
        "x_envoy_original_path": "/y",
        "x_envoy_internal": "true",
    }
    async with (
        upstreams("monolith") as at,
        edge({"edge": {"limits": {"rate": None}}}, at, tmp_path) as running,
    ):
        at["monolith"].reply = lambda _: (500, {"x-envoy-upstream-service-time": "1"}, b"")
        answer = await running.ask("/x", "POST", b"", **headers)
        assert answer.status == 500
        (seen,) = at["monolith"].seen
        assert seen.headers["x-request-id"] != "mine"
        ours = {"x-envoy-external-address"}
        assert {name for name in seen.headers if name.startswith("x-envoy")} <= ours


async def test_names_with_underscores_are_dropped(tmp_path: Path) -> None:
    async with upstreams("monolith") as at, edge(blueprint(), at, tmp_path) as running:
        await running.client().send("GET", "/x", ["x_forwarded_for: 6.6.6.6", "x-plain: 1"])
        headers = at["monolith"].seen[0].headers
        assert "x_forwarded_for" not in headers
        assert headers["x-plain"] == "1"
