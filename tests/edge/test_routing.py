"""Which request goes where."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from matapalo.edge import Split
from tests.edge.world import Edge, edge, upstreams

BLUEPRINT: dict[str, Any] = {
    "products": {
        "payments": {
            "services": {
                "core": {"url": "http://x", "routes": ["/api/quotes", "GET,PUT /api/both"]},
            },
            "functions": {"limits": {"code": ".", "handler": "a.b"}},
        }
    },
    "slices": {
        "payments": {"to": "payments/core", "routes": ["/api/payments"]},
        "limits": {"to": "payments/limits", "routes": ["GET /api/limits"]},
        "deep": {"to": "payments/core", "routes": ["/api/payments/deep/down"]},
    },
}
NAMES = ("monolith", "payments/core", "payments/limits")

ALL_NEW = Split(reads_new=100, writes_new=True)

CASES = [
    ("GET", "/", "monolith"),
    ("GET", "/anything", "monolith"),
    ("GET", "/api", "monolith"),
    ("GET", "/api/payments", "payments/core"),
    ("GET", "/api/payments/", "payments/core"),
    ("GET", "/api/payments/7", "payments/core"),
    ("GET", "/api/payments?x=1", "payments/core"),
    ("POST", "/api/payments/7?x=/../y", "payments/core"),
    ("DELETE", "/api/payments", "payments/core"),
    ("PROPFIND", "/api/payments", "payments/core"),
    ("GET", "/api/payments-old", "monolith"),
    ("GET", "/api/payments-old/7", "monolith"),
    ("GET", "/api/paymentsx?/api/payments", "monolith"),
    ("GET", "/api/payment", "monolith"),
    ("GET", "/API/payments", "monolith"),
    ("GET", "/api/payments/deep/down", "payments/core"),
    ("GET", "/api/payments/deep/downward", "payments/core"),
    ("GET", "/api/payments/deep", "payments/core"),
    ("GET", "/api/limits", "payments/limits"),
    ("GET", "/api/limits/a", "payments/limits"),
    ("HEAD", "/api/limits", "monolith"),
    ("POST", "/api/limits", "monolith"),
    ("PROPFIND", "/api/limits", "monolith"),
    ("GET", "/api/quotes", "payments/core"),
    ("GET", "/api/both", "payments/core"),
    ("PUT", "/api/both/x", "payments/core"),
    ("POST", "/api/both", "monolith"),
    ("GET", "//api///payments//7", "payments/core"),
    ("GET", "/api/x/../payments/7", "payments/core"),
    ("GET", "/api/payments/../x", "monolith"),
    ("GET", "/api/%2e%2e/api/payments", "payments/core"),
    ("GET", "/api/payments/%2e%2e/x", "monolith"),
    ("GET", "/api\\payments", "payments/core"),
]


async def where(running: Edge, cases: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Ask all, and say who answered."""
    client = running.client()
    found = []
    for method, path, _ in cases:
        answer = await client.ask(path, method)
        who = answer.headers.get("x-name", answer.text)
        found.append((method, path, who))
    client.close()
    return found


async def test_every_request_reaches_its_owner(tmp_path: Path) -> None:
    async with upstreams(*NAMES) as at:
        for upstream in at.values():
            name = upstream.name
            upstream.reply = lambda _, name=name: (200, {"x-name": name}, b"")
        async with edge(BLUEPRINT, at, tmp_path) as running:
            await running.split(payments=ALL_NEW, limits=ALL_NEW, deep=ALL_NEW)
            assert await where(running, CASES) == CASES


async def test_a_slice_is_the_monolith_s_until_somebody_moves_it(tmp_path: Path) -> None:
    async with upstreams(*NAMES) as at, edge(BLUEPRINT, at, tmp_path) as running:
        assert (await running.ask("/api/payments")).text == "monolith"
        assert (await running.ask("/api/quotes")).text == "payments/core"


@pytest.mark.parametrize("path", ["/a%2fb", "/a%5cb", "/api/payments%2f..%2fx"])
async def test_an_escaped_slash_is_sent_back_in_plain_spelling(tmp_path: Path, path: str) -> None:
    async with upstreams("monolith") as at, edge(BLUEPRINT, at, tmp_path) as running:
        answer = await running.ask(path)
        assert answer.status == 307
        assert "%" not in answer.headers["location"]
        assert not at["monolith"].seen
