"""Opaque tokens at the door: asked about once, remembered for a while, and never past a no."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matapalo.edge import Split
from tests.edge.security import Accounts, authorizer
from tests.edge.world import Edge, Placed, Upstream, edge, upstreams
from tests.support import eventually

ANA = {"sub": "ana", "scope": "read pay"}


def login(**changes: Any) -> dict[str, Any]:
    return {"kind": "introspection", "client_id": "edge", "timeout": 2, **changes}


def blueprint(**changes: Any) -> dict[str, Any]:
    return {
        "edge": {"limits": {"rate": None}},
        "security": {
            "login": login(**changes),
            "public": ["/public", "GET /half"],
            "optional": ["/optional"],
        },
        "products": {"p": {"services": {"s": {"url": "http://x"}}}},
        "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
    }


def bearer(token: str | None) -> list[str]:
    return [f"authorization: Bearer {token}"] if token else []


@dataclass
class World:
    edge: Edge
    accounts: Accounts
    monolith: Upstream
    new: Upstream
    security: Upstream

    async def status(self, path: str, token: str | None = None) -> int:
        return (await self.edge.client().send("GET", path, bearer(token))).status


@asynccontextmanager
async def world(folder: Path, **changes: Any) -> AsyncIterator[World]:
    async with upstreams("monolith", "p/s", "security") as at:
        security = at.pop("security")
        accounts = Accounts({"good": ANA})
        security.reply = accounts.reply
        url = f"http://127.0.0.1:{security.port}/oauth/introspect"
        async with authorizer(login(**changes), url) as door:
            places: dict[str, Placed] = {**at, "authorizer": door}
            async with edge(blueprint(**changes), places, folder) as running:
                yield World(running, accounts, at["monolith"], at["p/s"], security)


async def test_a_good_token_passes_and_the_upstream_learns_whose_it_is(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        answer = await w.edge.ask("/private?q=1", authorization="Bearer good")
        assert answer.text == "monolith"
        (seen,) = w.monolith.seen
        assert (seen.path, seen.headers["x-matapalo-user"]) == ("/private?q=1", "ana")
        assert seen.headers["x-matapalo-scopes"] == "read pay"
        assert seen.headers["authorization"] == "Bearer good"
        assert "x-matapalo-ttl" not in seen.headers


async def test_who_shows_nothing_or_nonsense_is_told_so(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        shown = ["", "Bearer bad", "Bearer", "Basic Zm9v", "bearer a b", "Bearer good, Bearer bad"]
        for value in shown:
            lines = [f"authorization: {value}"] if value else []
            answer = await w.edge.client().send("GET", "/private", lines)
            assert answer.status == 401, value
            assert answer.json()["error"]
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
        lines = ["authorization: Bearer good", "authorization: Bearer bad"]
        assert (await w.edge.client().send("GET", "/private", lines)).status == 401
        assert not w.monolith.seen


async def test_public_routes_ask_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        assert await w.status("/public/page") == 200
        assert await w.status("/public/page", "bad") == 200
        assert await w.status("/half") == 200
        assert (await w.edge.ask("/half", "POST")).status == 401
        assert w.accounts.asked == 0


async def test_optional_routes_check_what_is_shown(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        assert await w.status("/optional") == 200
        assert "x-matapalo-user" not in w.monolith.seen[-1].headers
        assert await w.status("/optional", "good") == 200
        assert w.monolith.seen[-1].headers["x-matapalo-user"] == "ana"
        assert await w.status("/optional", "bad") == 401


DODGES = [
    "/public/../private",
    "/public/%2e%2e/private",
    "/public/.%2E/private",
    "/public/..;/private",
    "/public/..;x=1/private",
    "/public/%2e%2e;/private",
    "//public/..//private",
    "/public\\..\\private",
    "/private?/public",
    "/private#/public",
    "/public/..%2fprivate",
    "/public%2f..%2fprivate",
    "/public%5c..%5cprivate",
    "/publicity",
    "/Public",
]


@pytest.mark.parametrize("path", DODGES)
async def test_no_spelling_of_a_path_dodges_the_question(tmp_path: Path, path: str) -> None:
    async with world(tmp_path) as w:
        answer = await w.edge.ask(path)
        assert answer.status in {307, 400, 401}
        assert not w.monolith.seen
        if answer.status == 307:
            target = answer.headers["location"].removeprefix("http://wallet.test")
            assert (await w.edge.ask(target)).status == 401


SPOOFS = [
    "x-matapalo-user: eve",
    "X-Matapalo-User: eve",
    "x-matapalo-scopes: admin",
    "x_matapalo_user: eve",
    "x-matapalo_user: eve",
    "x-matapalo-shadow: 1",
    "x-matapalo-anything: 1",
]


@pytest.mark.parametrize("line", SPOOFS)
async def test_no_client_says_who_he_is_by_himself(tmp_path: Path, line: str) -> None:
    async with world(tmp_path) as w:
        await w.edge.client().send("GET", "/public", [line])
        assert not [name for name in w.monolith.seen[-1].headers if "atapalo" in name.lower()]
        for _ in range(2):
            await w.edge.client().send("GET", "/x", [line, "authorization: Bearer good"])
            ours = {n: v for n, v in w.monolith.seen[-1].headers.items() if "atapalo" in n.lower()}
            assert ours == {"x-matapalo-user": "ana", "x-matapalo-scopes": "read pay"}


async def test_most_requests_are_not_asked_about(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        client = w.edge.client()
        for _ in range(200):
            assert (await client.ask("/x", authorization="Bearer good")).status == 200
        await asyncio.gather(*(w.status("/x", "good") for _ in range(50)))
        assert w.accounts.asked == 1


async def test_of_many_who_come_at_once_one_is_asked_about(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.security.hold = asyncio.Event()
        asking = [asyncio.create_task(w.status("/x", "good")) for _ in range(30)]
        await eventually(lambda: w.security.count)
        w.security.hold.set()
        assert await asyncio.gather(*asking) == [200] * 30
        assert w.accounts.asked == 1


async def test_a_withdrawn_token_works_no_longer_than_the_blueprint_says(tmp_path: Path) -> None:
    async with world(tmp_path, cache=1) as w:
        assert await w.status("/x", "good") == 200
        withdrawn = time.monotonic()
        del w.accounts.tokens["good"]
        last_yes = withdrawn
        while await w.status("/x", "good") == 200:
            last_yes = time.monotonic()
            await asyncio.sleep(0.02)
        assert last_yes - withdrawn < 1.5


async def test_a_token_is_not_remembered_past_its_own_end(tmp_path: Path) -> None:
    async with world(tmp_path, cache=60) as w:
        ends = time.time() + 2
        w.accounts.tokens["short"] = {"sub": "ana", "exp": ends}
        assert await w.status("/x", "short") == 200
        while await w.status("/x", "short") == 200:
            assert time.time() < ends + 1
            await asyncio.sleep(0.05)


async def test_a_login_works_soon_after_its_token_was_refused(tmp_path: Path) -> None:
    async with world(tmp_path, cache=60) as w:
        assert await w.status("/x", "new") == 401
        w.accounts.tokens["new"] = ANA

        async def works() -> bool:
            return await w.status("/x", "new") == 200

        await eventually(works)


TROUBLES: list[tuple[int, dict[str, str], bytes]] = [
    (500, {}, b"{}"),
    (200, {}, b"<html>"),
    (200, {}, b"[]"),
    (302, {"location": "/elsewhere"}, b""),
    (401, {}, b'{"active": true}'),
    (200, {}, b'{"active": true, "sub": "' + b"x" * 2_000_000 + b'"}'),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: str(trouble[2][:20]))
async def test_a_security_system_in_trouble_lets_nobody_in(
    tmp_path: Path, trouble: tuple[int, dict[str, str], bytes]
) -> None:
    async with world(tmp_path) as w:
        w.accounts.trouble = trouble
        answer = await w.edge.ask("/x", authorization="Bearer good")
        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["error"] == "the security system does not answer"
        assert not w.monolith.seen
        w.accounts.trouble = None
        assert await w.status("/x", "good") == 200


@pytest.mark.parametrize("active", ['"true"', "1", "null", "[]"])
async def test_active_is_true_and_nothing_like_it(tmp_path: Path, active: str) -> None:
    async with world(tmp_path) as w:
        w.accounts.trouble = (200, {}, f'{{"active": {active}, "sub": "ana"}}'.encode())
        assert await w.status("/x", "good") == 401


async def test_a_security_system_that_hangs_is_waited_for_only_so_long(tmp_path: Path) -> None:
    async with world(tmp_path, timeout=0.5) as w:
        w.security.hold = asyncio.Event()
        assert await w.status("/x", "good") == 503
        assert await w.status("/public") == 200
        w.security.hold.set()


async def test_a_dead_security_system_lets_in_whom_it_has_known_lately(tmp_path: Path) -> None:
    async with world(tmp_path, timeout=0.5) as w:
        assert await w.status("/x", "good") == 200
        await w.security.stop()
        assert await w.status("/x", "good") == 200
        assert await w.status("/x", "other") == 503
        await w.security.start(w.security.port)
        w.accounts.tokens["other"] = ANA

        async def works() -> bool:
            return await w.status("/x", "other") == 200

        await eventually(works)


async def test_a_dead_authorizer_lets_nobody_in(tmp_path: Path) -> None:
    async with upstreams("monolith", "authorizer") as at:
        await at["authorizer"].stop()
        async with edge(blueprint(), at, tmp_path) as running:
            answer = await running.ask("/x", authorization="Bearer good")
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert not at["monolith"].seen


async def test_a_user_keeps_his_side_with_any_of_his_tokens(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        users = [f"user-{n}" for n in range(40)]
        for user in users:
            w.accounts.tokens |= {f"{user}-{n}": {"sub": user} for n in range(3)}
        await w.edge.split(cards=Split(reads_new=50))
        client = w.edge.client()
        sides: dict[str, set[str]] = {user: set() for user in users}
        for _ in range(2):
            for user in users:
                for n in range(3):
                    answer = await client.ask("/cards", authorization=f"Bearer {user}-{n}")
                    sides[user].add(answer.text)
                    assert not answer.cookies
        assert {len(found) for found in sides.values()} == {1}
        assert {side for found in sides.values() for side in found} == {"monolith", "p/s"}


async def test_a_name_that_no_header_can_carry_is_written_so_that_it_can(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.accounts.tokens["good"] = {"sub": "josé\r\nx-evil: 1"}
        assert await w.status("/x", "good") == 200
        headers = w.monolith.seen[-1].headers
        assert headers["x-matapalo-user"] == "jos%C3%A9%0D%0Ax-evil: 1"
        assert "x-evil" not in headers


async def test_the_log_shows_neither_tokens_nor_queries(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with world(tmp_path) as w:
        await w.edge.ask("/x?secret=hidden", authorization="Bearer good", cookie="a=hidden")
    lines = capfd.readouterr().out
    assert '"path":"/x"' in lines
    assert "hidden" not in lines
    assert "good" not in lines


async def test_two_tokens_are_none_even_when_one_of_them_is_remembered(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        assert await w.status("/private", "good") == 200
        for two in (("good", "bad"), ("bad", "good"), ("good", "good")):
            shown = [f"authorization: Bearer {token}" for token in two]
            assert (await w.edge.client().send("GET", "/private", shown)).status == 401
