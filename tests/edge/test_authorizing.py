"""The authorizer as it runs: as a process for Envoy, and as a Lambda function for API Gateway."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.edge.security import SECRET, Accounts
from tests.edge.world import upstreams
from tests.support import eventually, free_port

LOGIN: dict[str, Any] = {"kind": "introspection", "client_id": "edge", "timeout": 1}


@asynccontextmanager
async def security() -> AsyncIterator[tuple[Accounts, int]]:
    async with upstreams("security") as at:
        accounts = Accounts({"good": {"sub": "ana", "scope": "read pay"}})
        at["security"].reply = accounts.reply
        yield accounts, at["security"].port


async def test_the_process_answers_envoy_and_follows_the_monolith(tmp_path: Path) -> None:
    async with security() as (_, at):
        port = free_port()
        blueprint = {
            "name": "wallet",
            "monolith": {"url": "http://127.0.0.1:9"},
            "security": {"login": {**LOGIN, "client_secret": {"secret": "login"}}},
            "secrets": {"login": {}},
        }
        (tmp_path / "matapalo.yaml").write_text(json.dumps(blueprint))
        place(tmp_path, free_port())
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "matapalo", "authorize",
            "--blueprint", str(tmp_path / "matapalo.yaml"),
            "--endpoints", str(tmp_path / "endpoints.json"),
            "--port", str(port),
            env={**os.environ, "MATAPALO_LOGIN_SECRET": SECRET},
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            async with aiohttp.ClientSession() as session:

                async def status(path: str, token: str | None = None) -> int:
                    headers = {"authorization": f"Bearer {token}"} if token else {}
                    async with session.get(url + path, headers=headers) as response:
                        return response.status

                async def healthy() -> bool:
                    return await status("/health") == 200

                await eventually(healthy)
                assert await status("/check/x", "good") == 503
                place(tmp_path, at)
                assert await status("/check/x", "good") == 200
                assert await status("/check/health") == 401
                async with session.post(
                    f"{url}/check/a/b?q=1", headers={"authorization": "Bearer good"}
                ) as answer:
                    assert answer.headers["x-matapalo-user"] == "ana"
                    assert answer.headers["x-matapalo-scopes"] == "read pay"
                    assert 0 < float(answer.headers["x-matapalo-ttl"]) <= 10
        finally:
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0


def place(folder: Path, port: int) -> None:
    at = {"monolith": [{"host": "127.0.0.1", "port": port}]}
    beside = folder / "new.json"
    beside.write_text(json.dumps({"at": at}))
    beside.rename(folder / "endpoints.json")


async def test_without_a_security_system_there_is_nobody_to_ask(tmp_path: Path) -> None:
    blueprint = {"name": "wallet", "monolith": {"url": "http://127.0.0.1:9"}}
    (tmp_path / "matapalo.yaml").write_text(json.dumps(blueprint))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "matapalo", "authorize",
        "--blueprint", str(tmp_path / "matapalo.yaml"),
        "--endpoints", str(tmp_path / "endpoints.json"),
        "--port", str(free_port()),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 1
    assert b"the blueprint has no security system" in said


def event(**changes: Any) -> dict[str, Any]:
    """Return what API Gateway sends to an authorizer (payload 2.0)."""
    http = {"method": "GET", "path": changes.pop("path", "/private")}
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeKey": "$default",
        "headers": {"host": "x"},
        "requestContext": {"http": http},
        **changes,
    }


INVOKE = """
import json, sys
from matapalo.edge.authorizer.door_lambda import handler
for line in sys.stdin:
    try:
        print(json.dumps(handler(json.loads(line), None)), flush=True)
    except Exception as error:
        print(json.dumps(type(error).__name__), flush=True)
"""


async def invoke(environment: dict[str, str], *events: dict[str, Any]) -> list[Any]:
    """Have one warm function answer these events."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", INVOKE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip
    lines = "\n".join(map(json.dumps, events)).encode()
    out, _ = await process.communicate(lines)
    return [json.loads(line) for line in out.splitlines()]


def environment(login: dict[str, Any], **more: str) -> dict[str, str]:
    return {"MATAPALO_LOGIN": json.dumps(login), "MATAPALO_LOGIN_SECRET": SECRET, **more}


async def test_the_function_answers_api_gateway(tmp_path: Path) -> None:
    async with security() as (accounts, port):
        login = {**LOGIN, "url": f"http://127.0.0.1:{port}/oauth/introspect"}
        optional = json.dumps([{"path": "/optional", "methods": ["GET"]}])
        answers = await invoke(
            environment(login, MATAPALO_OPTIONAL=optional),
            event(headers={"Authorization": "Bearer good"}),
            event(headers={"authorization": "Bearer good"}),
            event(headers={"authorization": "Bearer bad"}),
            event(headers=None),
            event(path="/optional/x"),
            event(path="/optionally"),
            event(path="/optional", headers={"authorization": "Bearer bad"}),
        )
        allowed = {"isAuthorized": True, "context": {"user": "ana", "scopes": "read pay"}}
        refused = {
            "isAuthorized": False,
            "context": {"user": "", "why": "the token is not valid, or no longer"},
        }
        unknown = {"isAuthorized": False, "context": {"user": "", "why": "who are you?"}}
        nobody = {"isAuthorized": True, "context": {"user": ""}}
        assert answers == [allowed, allowed, refused, unknown, nobody, unknown, refused]
        assert accounts.asked == 2


async def test_the_function_lets_nobody_in_who_came_past_the_door() -> None:
    async with security() as (accounts, port):
        login = {**LOGIN, "url": f"http://127.0.0.1:{port}/oauth/introspect"}
        public = json.dumps([{"path": "/open"}, {"path": "/deep/open"}])
        optional = json.dumps([{"path": "/open/known"}, {"path": "/deep"}])
        door = {"x-matapalo-door": "word"}
        answers = await invoke(
            environment(
                login, MATAPALO_DOOR="word", MATAPALO_PUBLIC=public, MATAPALO_OPTIONAL=optional
            ),
            event(headers={"authorization": "Bearer good"}),
            event(headers={"authorization": "Bearer good", "x-matapalo-door": "guess"}),
            event(headers={"authorization": "Bearer good", **door}),
            event(path="/open", headers={}),
            event(path="/open/x", headers={"authorization": "Bearer bad", **door}),
            event(path="/open/known", headers={"authorization": "Bearer bad", **door}),
            event(path="/deep/open/x", headers=door),
            event(path="/private", headers=door),
        )
        allowed = [answer["isAuthorized"] for answer in answers]
        assert allowed == [False, False, True, False, True, False, True, False]
        assert accounts.asked == 2


async def test_the_function_reads_cookies_where_api_gateway_puts_them() -> None:
    async with security() as (accounts, port):
        accounts.tokens["s1"] = {"user": "bea"}
        login = {"kind": "session", "cookie": "sid", "url": f"http://127.0.0.1:{port}/whoami"}
        answers = await invoke(environment(login), event(cookies=["a=b", "sid=s1"]))
        assert answers == [{"isAuthorized": True, "context": {"user": "bea"}}]


@pytest.mark.parametrize("trouble", [(500, {}, b""), (200, {}, b"no JSON")])
async def test_the_function_says_neither_yes_nor_no_when_it_cannot_know(
    trouble: tuple[int, dict[str, str], bytes],
) -> None:
    async with security() as (accounts, port):
        accounts.trouble = trouble
        login = {**LOGIN, "url": f"http://127.0.0.1:{port}/oauth/introspect"}
        answers = await invoke(environment(login), event(headers={"authorization": "Bearer good"}))
        assert answers == ["NotNow"]
