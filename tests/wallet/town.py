"""The wallet's processes, and people who use them."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp
import psycopg

from matapalo import blueprint
from matapalo.stream.ending import drop
from matapalo.stream.load import Order, load
from matapalo.stream.names import Stream
from tests.support import free_port

WALLET = Path(__file__).parents[2] / "examples" / "wallet"
Rows = psycopg.Connection[tuple[Any, ...]]
unused = count(1)
"""Numbers of customers that no test has used yet."""


@dataclass(frozen=True)
class Town:
    """Where everything is."""

    database: str
    monolith: str
    statements: str
    payments: str = ""
    ledger: str = ""
    """The database of payments."""


@contextmanager
def database(server: str, name: str, template: str = "template1") -> Iterator[str]:
    """Make a database for as long as it is needed."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}".encode())
        yield server.rpartition("/")[0] + f"/{name}"
        connection.execute(f"drop database {name} with (force)".encode())


@contextmanager
def brought_along(source: str, server: str, name: str) -> Iterator[str]:
    """Make a database with the tables of the slice payments, as a stream loads them."""
    tables = blueprint.load(WALLET / "matapalo.yaml").slices["payments"].tables
    with database(server, name) as url:
        assert [*load(Order(Stream("payments"), source, url, tables))]
        drop("payments", source, url)
        yield url


def seed(url: str) -> str:
    """Run the seed, and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "monolith.seed"],
        cwd=WALLET,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@contextmanager
def running(module: str, **env: str) -> Iterator[str]:
    """Run one of the wallet's processes; it must end well when it is asked to."""
    with started(module, **env) as (process, url):
        yield url
        process.terminate()
        assert process.wait(timeout=60) == 0


@contextmanager
def started(module: str, **env: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run one of the wallet's processes until the end of the block, or its own."""
    port = env.get("PORT") or str(free_port())
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=WALLET,
        env={**os.environ, "PORT": port, **env},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_until_well(f"http://127.0.0.1:{port}/health", process)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_until_well(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended while it started"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    served_by: str


class Client:
    """Calls an API, and logs people in."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)  # which takes the cookies of an IP address
        self.session = aiohttp.ClientSession(self._url, cookie_jar=jar)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.session.close()

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        async with self.session.request(method, path, **options) as response:
            json = response.content_type == "application/json"
            body = await (response.json() if json else response.text())
            return Answer(response.status, body, response.headers.get("x-served-by", ""))

    async def log_in(self, number: int) -> "Person":
        body = {"phone": f"3{number:09}", "password": f"clave-{number:05}"}
        answer = await self.ask("POST", "/api/login", json=body)
        assert answer.status == 200, answer
        return Person(self, number, answer.body["token"])

    async def anybody(self) -> "Person":
        """Log in a customer whom no other test knows."""
        return await self.log_in(next(unused))


@dataclass(frozen=True)
class Person:
    """A customer who is logged in."""

    client: Client
    number: int
    token: str

    @property
    def phone(self) -> str:
        return f"3{self.number:09}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **query: str) -> Answer:
        return await self.client.ask("GET", path, params=query, headers=self.headers)

    async def post(self, path: str, body: object, key: str = "") -> Answer:
        headers = {**self.headers, "Idempotency-Key": key or str(uuid4())}
        return await self.client.ask("POST", path, json=body, headers=headers)

    async def pay(
        self, to: "Person", amount: object, key: str = "", at: Client | None = None
    ) -> Answer:
        """Pay somebody, at another client's side if one is given."""
        payer = Person(at, self.number, self.token) if at else self
        return await payer.post("/api/payments", {"to": to.phone, "amount": amount}, key)

    async def top_up(self, amount: object, key: str = "", source: object = "pse") -> Answer:
        return await self.post("/api/topups", {"source": source, "amount": amount}, key)

    async def balance(self) -> int:
        balance: int = (await self.get("/api/accounts")).body["accounts"][0]["balance"]
        return balance

    async def level(self) -> int:
        level: int = (await self.get("/api/accounts")).body["customer"]["level"]
        return level
