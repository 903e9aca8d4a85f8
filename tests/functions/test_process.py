"""`matapalo function`, as the process that it is."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.functions.hosted import write
from tests.support import eventually, free_port

CODE = """
    import os, pathlib, time
    def handle(event, context):
        query = event.get("queryStringParameters", {})
        if "mark" in query:
            pathlib.Path(query["mark"]).touch()
            while not pathlib.Path(query["gate"]).exists():
                time.sleep(0.01)
        return {"pid": os.getpid(), "table": os.environ["TABLE"]}
"""
BLUEPRINT = """
name: shop
monolith: {url: "http://127.0.0.1:9"}
products:
  shop:
    functions:
      app: {code: code, handler: app.handle, timeout: 60, routes: [/]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    code = tmp_path / "code"
    code.mkdir()
    write(code, CODE)
    tmp_path.joinpath("matapalo.yaml").write_text(BLUEPRINT)
    tmp_path.joinpath("env.json").write_text(json.dumps({"TABLE": "t1"}))
    return tmp_path


@contextmanager
def hosting(folder: Path, port: int, name: str = "shop/app") -> Iterator["subprocess.Popen[bytes]"]:
    files = ("--blueprint", str(folder / "matapalo.yaml"), "--env-file", str(folder / "env.json"))
    command = [sys.executable, "-m", "matapalo", "function", name, *files, "--port", str(port)]
    with folder.joinpath("log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def ask(port: int, **query: str) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/", params=query) as response,
    ):
        assert response.status == 200
        found: dict[str, object] = await response.json()
        return found


async def test_it_serves_the_function_of_the_blueprint_with_its_own_environment(
    folder: Path,
) -> None:
    port = free_port()
    with hosting(folder, port) as process:
        found = await eventually(lambda: ask(port))
        assert found["table"] == "t1"
        worker = psutil.Process(int(str(found["pid"])))
        assert worker.ppid() == process.pid
        assert "TABLE" not in " ".join(psutil.Process(process.pid).cmdline())


async def test_sigterm_lets_a_request_in_flight_finish_and_leaves_no_process(folder: Path) -> None:
    port, mark, gate = free_port(), folder / "mark", folder / "gate"
    with hosting(folder, port) as process:
        await eventually(lambda: ask(port))
        request = asyncio.create_task(ask(port, mark=str(mark), gate=str(gate)))
        await eventually(mark.exists)
        process.send_signal(signal.SIGTERM)
        await eventually(lambda: refuses(port))
        gate.touch()
        found = await request
        assert await asyncio.to_thread(process.wait) == 0, folder.joinpath("log").read_text()
        assert not psutil.pid_exists(int(str(found["pid"])))


async def test_when_the_host_is_killed_its_sandboxes_end_even_busy_ones(folder: Path) -> None:
    port, mark, gate = free_port(), folder / "mark", folder / "gate"
    with hosting(folder, port) as process:
        await eventually(lambda: ask(port))
        request = asyncio.create_task(ask(port, mark=str(mark), gate=str(gate)))
        await eventually(mark.exists)
        workers = psutil.Process(process.pid).children()
        assert workers
        process.kill()
        await eventually(lambda: not any(worker.is_running() for worker in workers))
        await asyncio.wait({request})
        assert isinstance(request.exception(), aiohttp.ClientError)


async def test_it_and_its_sandboxes_listen_on_the_loopback_alone(folder: Path) -> None:
    port = free_port()
    with hosting(folder, port) as process:
        await eventually(lambda: ask(port))
        host = psutil.Process(process.pid)
        listening = [
            connection.laddr
            for one in (host, *host.children(recursive=True))
            for connection in one.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
    assert port in {address.port for address in listening}
    assert {address.ip for address in listening} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("name", "says"),
    [("shop/ap", "did you mean shop/app?"), ("other", "there is no function other")],
)
def test_an_unknown_function_is_refused_with_the_nearest_name(
    folder: Path, name: str, says: str
) -> None:
    with hosting(folder, free_port(), name) as process:
        assert process.wait(timeout=60) == 1
    assert says in folder.joinpath("log").read_text()


def test_a_port_in_use_is_refused(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with hosting(folder, holder.getsockname()[1]) as process:
            assert process.wait(timeout=60) == 1
    assert "cannot be used" in folder.joinpath("log").read_text()


@pytest.mark.parametrize("content", [None, "not json", "[]", '{"A": 1}'])
def test_an_environment_that_cannot_be_read_is_refused(folder: Path, content: str | None) -> None:
    file = folder / "env.json"
    file.unlink()
    if content is not None:
        file.write_text(content)
    with hosting(folder, free_port()) as process:
        assert process.wait(timeout=60) == 1
    assert "env.json" in folder.joinpath("log").read_text()


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
