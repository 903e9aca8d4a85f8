"""The whole system in this process: every kind of process, through the real edge."""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import psutil
import psycopg
import pytest
import pytest_asyncio

from matapalo.errors import AlreadyUp, PortTaken, StartFailed
from matapalo.local import System, running
from matapalo.local.identity import lives, marked
from matapalo.local.keeper import Status
from matapalo.local.ports import free_port
from tests.local.shop import home_of, secrets, shop, small
from tests.support import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """Give a system that every test leaves as it was: running."""
    async with running(shop(tmp_path_factory.mktemp("shop"))) as system:
        yield system


def file_of(system: System) -> Path:
    return system.home.folder.parent / "matapalo.yaml"


def state(system: System, name: str) -> Status:
    return next(status for status in system.status() if status.name == name)


class Customers:
    """Some who ask one after the other, and what they were answered."""

    def __init__(self, url: str, paths: tuple[str, ...]) -> None:
        self.url = url
        self.paths = paths
        self.answers: dict[str, list[str]] = {path: [] for path in paths}
        self.failures: list[str] = []

    async def __aenter__(self) -> "Customers":
        self.session = aiohttp.ClientSession(self.url)
        self.tasks = [asyncio.create_task(self.ask(path)) for path in self.paths for _ in range(3)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks)
        await self.session.close()

    async def ask(self, path: str) -> None:
        while True:
            try:
                async with self.session.get(path) as response:
                    text = await response.text()
                    if response.status == 200:
                        self.answers[path].append(text)
                    else:
                        self.failures.append(f"{path} {response.status} {text}")
            except aiohttp.ClientError as error:
                self.failures.append(f"{path} {error!r}")
            await asyncio.sleep(0.01)


async def get(system: System, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(system.edge_url + path) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def all_run(system: System) -> None:
    await eventually(
        lambda: all(s.state == "running" and s.pid for s in system.status()), within=PATIENCE
    )


async def test_everything_answers_through_the_edge(system: System) -> None:
    pids = {status.name: str(status.pid) for status in system.status()}
    assert await get(system, "/") == pids["monolith"]
    assert await get(system, "/prices") == pids["sales/prices"]
    assert '"pid"' in await get(system, "/tax")
    assert await get(system, "/app/") == "<h1>shop</h1>"


async def test_nothing_listens_beyond_the_loopback(system: System) -> None:
    await get(system, "/tax")  # so that the function's own process is there too
    processes = marked(str(system.home.folder))
    names = {process.name() for process in processes}
    assert "postgres" in names
    assert any("envoy" in name for name in names)
    listens = [
        (process.name(), connection.laddr.ip)
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status in {psutil.CONN_LISTEN, psutil.CONN_NONE}
    ]
    assert len(listens) >= len(system.status())
    assert {ip for _, ip in listens} == {"127.0.0.1"}


async def test_what_is_kept_is_for_its_owner_alone(system: System) -> None:
    home = system.home
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    private = (home.secrets, home.token, home.socket, home.function_environment("sales/tax"))
    for path in (*private, *home.logs.glob("*.log")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


async def test_no_secret_is_shown(system: System) -> None:
    values = [*secrets(file_of(system)).values(), system.home.token.read_text()]
    assert len(values) > 5
    shown = str(await system.answer({"do": "status"}, lambda _: None))
    shown += " ".join(
        word for process in marked(str(system.home.folder)) for word in process.cmdline()
    )
    shown += "".join(path.read_text(errors="replace") for path in system.home.logs.glob("*.log"))
    assert not [value for value in values if value in shown]


@pytest.mark.parametrize("name", ["sales/prices", "monolith", "sales/tax"])
async def test_a_rolling_restart_fails_no_request(system: System, name: str) -> None:
    path = {"monolith": "/", "sales/prices": "/prices", "sales/tax": "/tax"}[name]
    async with Customers(system.edge_url, ("/", "/prices", "/tax", "/slow")) as customers:
        await eventually(lambda: all(customers.answers.values()))
        before = set(customers.answers[path])
        for _ in range(2):
            await system.restart(name)
        await eventually(lambda: set(customers.answers[path][-3:]).isdisjoint(before))
    assert customers.failures == []


async def test_an_edge_that_restarts_finds_everything_again(system: System) -> None:
    await system.restart("edge")
    assert await get(system, "/prices")


async def comes_back(system: System, name: str, killed: int) -> None:
    def is_another() -> bool:
        now = state(system, name)
        return now.state == "running" and now.pid != killed

    await eventually(is_another, within=PATIENCE)


async def test_every_process_comes_back_after_a_kill_and_nothing_is_lost(system: System) -> None:
    password = secrets(file_of(system))["local/monolith"]
    port = state(system, "monolith-db").port
    dsn = f"postgresql://monolith:{password}@127.0.0.1:{port}/shop"
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    for name in [status.name for status in system.status()]:
        await comes_back(system, name, system.kill(name))
    await all_run(system)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    for path in ("/", "/prices", "/tax", "/app/"):
        await eventually(partial(get, system, path))


async def test_a_killed_envoy_comes_back(system: System) -> None:
    (envoy,) = (p for p in marked(str(system.home.folder)) if "envoy" in p.name())
    envoy.send_signal(signal.SIGKILL)
    await eventually(lambda: not lives(envoy))
    await eventually(lambda: get(system, "/"))


async def test_a_second_run_is_refused_and_the_first_goes_on(system: System) -> None:
    with pytest.raises(AlreadyUp, match=f"process {os.getpid()}"):
        async with running(file_of(system)):
            raise AssertionError("two run")
    assert await get(system, "/")


async def test_a_later_run_has_the_same_ports_secrets_and_data(tmp_path: Path) -> None:
    file = shop(tmp_path)
    async with running(file) as system:
        ports = {s.name: s.port for s in system.status()}
        kept, token = secrets(file), system.home.token.read_text()
    assert marked(str(home_of(file).folder)) == []
    async with running(file) as system:
        assert {s.name: s.port for s in system.status()} == ports
        assert secrets(file) == kept
        assert system.home.token.read_text() == token


async def test_a_process_that_does_not_start_ends_everything(tmp_path: Path) -> None:
    file = shop(tmp_path)
    text = file.read_text().replace("PORT, linger", "PORT, say, no-luck-today, fail", 1)
    file.write_text(text)
    with pytest.raises(StartFailed, match="no-luck-today") as caught:
        async with running(file):
            raise AssertionError("it runs")
    assert caught.value.where == "monolith"
    assert marked(str(home_of(file).folder)) == []


async def test_a_named_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    file = shop(tmp_path)
    file.write_text(file.read_text().replace("edge:", f"edge:\n  port: {port}"))
    with pytest.raises(PortTaken, match=f"{port}.*process {os.getpid()}"):
        async with running(file):
            raise AssertionError("it runs")
    assert not list(home_of(file).logs.iterdir()), "nothing has started"
    server.close()


async def test_a_monolith_that_does_not_answer_is_told(tmp_path: Path) -> None:
    file = small(tmp_path, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StartFailed, match="the monolith does not answer"):
        async with running(file):
            raise AssertionError("it runs")
    assert marked(str(home_of(file).folder)) == []
