"""A user stays on one side, and moves only with the direction of the share."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from matapalo.edge import Split
from tests.edge.world import Answer, Client, Edge, edge, upstreams

USERS = [f"user-{n}" for n in range(300)]
SHARES = (1, 5, 10, 25, 50, 75, 99, 100)
COOKIE = "matapalo_user"


def blueprint(**edge_part: Any) -> dict[str, Any]:
    return {
        "edge": {"limits": {"rate": None}, **edge_part},
        "products": {"p": {"services": {"s": {"url": "http://x"}}}},
        "slices": {"cards": {"to": "p/s", "routes": ["/cards", "/more/cards"]}},
    }


Ask = Callable[[Client, str], Awaitable[Answer]]


async def on_new(running: Edge, ask: Ask, users: list[str]) -> set[str]:
    client = running.client()
    found = {user for user in users if (await ask(client, user)).text == "p/s"}
    client.close()
    return found


async def walk(running: Edge, ask: Ask, users: list[str]) -> None:
    """Raise the share and lower it again; whoever moved has moved with it, and all move."""
    there: set[str] = set()
    for share in SHARES:
        await running.split(cards=Split(reads_new=share))
        now = await on_new(running, ask, users)
        assert there <= now, f"somebody went back at {share} %"
        assert await on_new(running, ask, users) == now, "somebody moved without a step"
        there = now
    assert there == set(users)
    for share in (*reversed(SHARES[:-1]), 0):
        await running.split(cards=Split(reads_new=share))
        now = await on_new(running, ask, users)
        assert now <= there, f"somebody came back at {share} %"
        there = now
    assert not there


async def test_by_a_proxy_s_header_a_user_moves_only_with_the_share(tmp_path: Path) -> None:
    async def ask(client: Client, user: str) -> Answer:
        return await client.ask("/cards", x_customer=user)

    async with upstreams("monolith", "p/s") as at:
        async with edge(blueprint(user_header="x-customer"), at, tmp_path) as running:
            await walk(running, ask, USERS)
            await running.split(cards=Split(reads_new=50))
            there = await on_new(running, ask, USERS)
            assert 0.3 * len(USERS) < len(there) < 0.7 * len(USERS)
        assert at["p/s"].seen[-1].headers["x-matapalo-user"].startswith("user-")


async def test_by_the_edge_s_cookie_a_user_moves_only_with_the_share(tmp_path: Path) -> None:
    async def ask(client: Client, user: str) -> Answer:
        return await client.ask("/cards", cookie=f"theme=dark; {COOKIE}={user}; x=1")

    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(), at, tmp_path) as running,
    ):
        await walk(running, ask, USERS)


async def test_an_unknown_user_keeps_the_side_of_the_very_first_answer(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(), at, tmp_path) as running,
    ):
        await running.split(cards=Split(reads_new=50))
        client = running.client()
        sides = set()
        for _ in range(40):
            first = await client.ask("/cards")
            (minted,) = first.cookies
            cookie = minted.partition(";")[0]
            sides.add(first.text)
            for path in ("/cards/7", "/more/cards"):
                again = await client.ask(path, cookie=cookie)
                assert again.text == first.text
                assert not again.cookies
        assert sides == {"monolith", "p/s"}


async def test_the_cookie_is_for_the_edge_alone_and_not_to_be_guessed(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(trusted_hops=1), at, tmp_path) as running,
    ):
        await running.split(cards=Split(reads_new=50))
        minted = {(await running.ask("/cards")).cookies[0] for _ in range(20)}
        assert len(minted) == 20
        for cookie in minted:
            value, *attributes = cookie.split("; ")
            assert len(value.partition("=")[2]) == 36
            assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"} == set(attributes)
        (secure,) = (await running.ask("/cards", x_forwarded_proto="https")).cookies
        assert secure.endswith("; Secure")


async def test_nobody_is_given_a_cookie_where_nothing_is_divided(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(), at, tmp_path) as running,
    ):
        for share in (0, 100):
            await running.split(cards=Split(reads_new=share))
            assert not (await running.ask("/cards")).cookies
        await running.split(cards=Split(reads_new=50))
        assert not (await running.ask("/other")).cookies


@pytest.mark.parametrize("empty", [f"{COOKIE}=", f"{COOKIE}=; x=1", "x=1", f"not_{COOKIE}=1"])
async def test_a_cookie_that_says_nothing_is_minted_anew(tmp_path: Path, empty: str) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(), at, tmp_path) as running,
    ):
        await running.split(cards=Split(reads_new=50))
        assert (await running.ask("/cards", cookie=empty)).cookies


async def test_writes_go_to_one_side_whatever_the_share_of_reads(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(), at, tmp_path) as running,
    ):
        client = running.client()
        for split, side in (
            (Split(reads_new=100), "monolith"),
            (Split(reads_new=50), "monolith"),
            (Split(reads_new=0, writes_new=True), "p/s"),
        ):
            await running.split(cards=split)
            for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
                assert (await client.ask("/cards", method)).text == side


async def test_the_share_is_the_share(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        edge(blueprint(), at, tmp_path) as running,
    ):
        await running.split(cards=Split(reads_new=12.5))
        client = running.client()
        users = [f"{COOKIE}=visitor-{n}" for n in range(2000)]
        new = [user for user in users if (await client.ask("/cards", cookie=user)).text == "p/s"]
        assert 0.09 < len(new) / len(users) < 0.16


async def test_the_caller_is_told_the_side_only_if_the_blueprint_says_so(tmp_path: Path) -> None:
    async with upstreams("monolith", "p/s") as at:
        at["monolith"].reply = lambda _: (200, {"x-matapalo-side": "a lie"}, b"")
        async with edge(blueprint(reveal_side=True), at, tmp_path / "a") as running:
            assert (await running.ask("/cards")).headers["x-matapalo-side"] == "monolith"
            await running.split(cards=Split(reads_new=50))
            seen = {(await running.ask("/cards")).headers["x-matapalo-side"] for _ in range(40)}
            assert seen == {"monolith", "new"}
            assert "x-matapalo-side" not in (await running.ask("/other")).headers
        async with edge(blueprint(), at, tmp_path / "b") as running:
            assert "x-matapalo-side" not in (await running.ask("/cards")).headers
