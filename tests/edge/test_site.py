"""The site: files of a bucket below a path, public, and with nobody's secrets shown to it."""

from pathlib import Path
from typing import Any

import pytest

from tests.edge.world import Edge, Seen, edge, upstreams

FILES = {
    "/wallet-site/index.html": b"<h1>index</h1>",
    "/wallet-site/app.js": b"js",
    "/wallet-site/docs/index.html": b"docs",
    "/wallet-site/a.b/c.css": b"css",
}


def bucket(seen: Seen) -> tuple[int, dict[str, str], bytes]:
    path = seen.path.partition("?")[0]
    if path in FILES:
        return 200, {"content-type": "text/html", "cache-control": "max-age=60"}, FILES[path]
    return 404, {"content-type": "application/xml"}, b"<Error><Code>NoSuchKey</Code></Error>"


def blueprint(path: str, **changes: Any) -> dict[str, Any]:
    return {
        "edge": {"limits": {"rate": None}},
        "site": {"folder": "site", "path": path, **changes},
        "monolith": {"url": "http://x", "routes": ["/api", "/login"]},
    }


async def body(running: Edge, path: str, method: str = "GET") -> tuple[int, str]:
    answer = await running.ask(path, method)
    return answer.status, answer.text


@pytest.mark.parametrize("root", ["/app", "/"])
async def test_files_are_found_below_the_site_s_path(tmp_path: Path, root: str) -> None:
    below = root.rstrip("/")
    async with upstreams("monolith", "site") as at:
        at["site"].reply = bucket
        async with edge(blueprint(root), at, tmp_path, site_prefix="wallet-site") as running:
            assert await body(running, root) == (200, "<h1>index</h1>")
            assert await body(running, f"{below}/") == (200, "<h1>index</h1>")
            assert await body(running, f"{below}/?q=1") == (200, "<h1>index</h1>")
            assert await body(running, f"{below}/app.js") == (200, "js")
            assert await body(running, f"{below}/app.js?v=2") == (200, "js")
            assert await body(running, f"{below}/docs/index.html") == (200, "docs")
            assert await body(running, f"{below}/a.b/c.css") == (200, "css")
            answer = await running.ask(f"{below}/app.js", "HEAD")
            assert (answer.status, answer.headers["cache-control"]) == (200, "max-age=60")
            missing = await running.ask(f"{below}/nothing")
            assert (missing.status, missing.json()["error"]) == (404, "no such file")
            assert await body(running, f"{below}/app.js", "POST") == (200, "monolith")
            assert await body(running, "/api/x") == (200, "monolith")
            assert await body(running, "/login") == (200, "monolith")
            if root != "/":
                assert await body(running, "/application") == (200, "monolith")


async def test_a_page_with_its_own_router_has_the_index_everywhere(tmp_path: Path) -> None:
    async with upstreams("monolith", "site") as at:
        at["site"].reply = bucket
        async with edge(
            blueprint("/app", spa=True), at, tmp_path, site_prefix="/wallet-site/"
        ) as running:
            for path in ("/app", "/app/", "/app/users", "/app/users/john.doe?tab=1"):
                assert await body(running, path) == (200, "<h1>index</h1>"), path
            assert await body(running, "/app/app.js") == (200, "js")
            assert await body(running, "/elsewhere") == (200, "monolith")


async def test_a_site_at_the_root_leaves_a_monolith_that_claims_nothing_its_paths(
    tmp_path: Path,
) -> None:
    plain = {**blueprint("/"), "monolith": {"url": "http://x"}}
    async with (
        upstreams("monolith", "site") as at,
        edge(plain, at, tmp_path, site_prefix="wallet-site") as running,
    ):
        assert await body(running, "/") == (200, "monolith")


async def test_the_site_is_public_and_sees_nobody_s_credentials(tmp_path: Path) -> None:
    secured = {
        **blueprint("/app", spa=True),
        "security": {"login": {"kind": "jwt", "issuer": "https://iss"}},
    }
    async with upstreams("monolith", "site") as at:
        at["site"].reply = bucket
        async with edge(secured, at, tmp_path, site_prefix="wallet-site") as running:
            answer = await running.ask("/app/app.js", authorization="Bearer x", cookie="sid=1")
            assert (answer.status, answer.text) == (200, "js")
            assert await body(running, "/app/somewhere") == (200, "<h1>index</h1>")
            assert (await running.ask("/api")).status == 401
            for seen in at["site"].seen:
                assert not {"authorization", "cookie"} & set(seen.headers)
