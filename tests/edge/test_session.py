"""Session cookies at the door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.edge.security import Accounts, authorizer
from tests.edge.world import Edge, Placed, Upstream, edge, upstreams

LOGIN: dict[str, Any] = {"kind": "session", "cookie": "sid", "path": "/whoami", "cache": 60}
BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}},
    "security": {"login": LOGIN, "public": ["/public"], "optional": ["/optional"]},
}


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[tuple[Edge, Accounts, Upstream]]:
    async with upstreams("monolith", "security") as at:
        accounts = Accounts({"good": {"user": "ana"}, "seven": {"user": 7}, "no": {"user": True}})
        at["security"].reply = accounts.reply
        url = f"http://127.0.0.1:{at['security'].port}/whoami"
        async with authorizer(LOGIN, url) as door:
            places: dict[str, Placed] = {"monolith": at["monolith"], "authorizer": door}
            async with edge(BLUEPRINT, places, folder) as running:
                yield running, accounts, at["monolith"]


async def test_a_session_is_recognised_by_its_cookie_alone(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, accounts, monolith):
        for cookie in ("sid=good", "a=b; sid=good; theme=dark", " sid=good", "a=b;sid=good"):
            assert (await running.ask("/x", cookie=cookie)).status == 200
            assert monolith.seen[-1].headers["x-matapalo-user"] == "ana"
        assert accounts.asked == 1
        assert (await running.ask("/x", cookie="sid=seven")).status == 200
        assert monolith.seen[-1].headers["x-matapalo-user"] == "7"


async def test_other_cookies_are_no_session(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, _, monolith):
        for cookie in ("sid=bad", "sid=", "xsid=good", "sid2=good", "x=sid=good", "a=b"):
            answer = await running.ask("/x", cookie=cookie)
            assert answer.status == 401, cookie
        assert (await running.ask("/x", authorization="Bearer good")).status == 401
        assert (await running.ask("/x", cookie="sid=no")).status == 503
        assert not monolith.seen


async def test_public_and_optional_routes(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, _, monolith):
        assert (await running.ask("/public", cookie="sid=bad")).status == 200
        assert (await running.ask("/optional")).status == 200
        assert (await running.ask("/optional", cookie="a=b")).status == 200
        assert "x-matapalo-user" not in monolith.seen[-1].headers
        assert (await running.ask("/optional", cookie="a=b; sid=good")).status == 200
        assert monolith.seen[-1].headers["x-matapalo-user"] == "ana"
        assert (await running.ask("/optional", cookie="sid=bad")).status == 401
