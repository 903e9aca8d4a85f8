"""A small world around one real Envoy: upstreams, clients, a conductor, all on the loopback."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from matapalo.blueprint import Blueprint
from matapalo.edge import Endpoint, Endpoints, Split, Wanted
from matapalo.edge.admin import Admin
from matapalo.edge.keeper import Keeper
from matapalo.edge.process import Setting, place_of
from matapalo.edge.reading import Reading
from matapalo.edge.resources import Place, render
from matapalo.edge.standings import Standings
from matapalo.edge.xds import Xds
from tests.support import eventually, free_port


@dataclass(frozen=True)
class Answer:
    """What a client was answered."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One keep-alive connection, by hand: quick, and it says exactly what was said."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answer:
        """Ask, on a new connection if the last one was closed. `_` in names becomes `-`."""
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return await self.send(method, path, lines, body)

    async def send(
        self, method: str, path: str, lines: list[str], body: bytes | None = None
    ) -> Answer:
        """Ask with these header lines, as they are."""
        if body is not None:
            lines = [*lines, f"content-length: {len(body)}"]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", "host: wallet.test", *lines])
        reader, writer = self._streams or await self._open()
        writer.write(head.encode() + b"\r\n\r\n" + (body or b""))
        answer = await read_answer(reader, bodiless=method == "HEAD")
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return self._streams

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None


async def read_answer(reader: asyncio.StreamReader, *, bodiless: bool = False) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.rstrip("\r\n").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines)]
    headers = dict(pairs)
    if bodiless:
        body = b""
    elif headers.get("transfer-encoding") == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    cookies = tuple(value for name, value in pairs if name == "set-cookie")
    return Answer(int(status.split()[1]), headers, body, cookies)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).strip(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


@dataclass
class Seen:
    """A request as it reached an upstream."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


Reply = Callable[[Seen], tuple[int, dict[str, str], bytes]]


@dataclass
class Upstream:
    """A server that says its own name, unless it is told to answer otherwise."""

    name: str
    reply: Reply | None = None
    seen: list[Seen] = field(default_factory=list)
    hold: asyncio.Event | None = None
    """While it is set to an event that has not happened, nobody is answered."""
    takes: float = 0
    """Seconds until it answers, at most."""
    abort: bool = False
    """Close the connection instead of answering."""
    port: int = 0
    count: int = 0
    keep: bool = True
    """Whether requests are kept in `seen`."""
    _server: asyncio.Server | None = None
    _busy: set["asyncio.StreamWriter"] = field(default_factory=set)
    _open: set["asyncio.StreamWriter"] = field(default_factory=set)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(host="127.0.0.1", port=self.port)

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End gracefully: take nobody new, answer whom it has."""
        if self._server is None:
            return
        self._server.close()
        if self.hold:
            self.hold.set()
        await eventually(lambda: not self._busy)
        for writer in tuple(self._open):
            writer.close()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while not reader.at_eof():
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._open.discard(writer)
            self._busy.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = await _read_request(reader)
        self._busy.add(writer)
        self.count += 1
        if self.keep:
            self.seen.append(seen)
        if self.abort:
            writer.transport.abort()
            raise ConnectionResetError
        if self.hold:
            await self.hold.wait()
        if self.takes:
            await asyncio.sleep(random.uniform(0, self.takes))
        status, headers, body = self.reply(seen) if self.reply else (200, {}, self.name.encode())
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body_sent = b"" if seen.method == "HEAD" else body
        writer.write(
            f"HTTP/1.1 {status} X\r\n{lines}content-length: {len(body)}\r\n\r\n".encode()
            + body_sent
        )
        await writer.drain()
        self._busy.discard(writer)


async def _read_request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = line.split(" ")
    headers: dict[str, str] = {}
    for key, _, value in (x.partition(": ") for x in lines):
        name = key.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if headers.get("transfer-encoding") == "chunked":
        return Seen(method, path, headers, await _chunks(reader))
    return Seen(
        method, path, headers, await reader.readexactly(int(headers.get("content-length", 0)))
    )


@asynccontextmanager
async def upstreams(*names: str) -> AsyncIterator[dict[str, Upstream]]:
    """Start upstreams of these names."""
    found = {name: Upstream(name) for name in names}
    for upstream in found.values():
        await upstream.start()
    try:
        yield found
    finally:
        for upstream in found.values():
            await upstream.stop()


class Placed(Protocol):
    """Something that answers somewhere."""

    @property
    def endpoint(self) -> Endpoint: ...


def quiet(_event: str, **_details: object) -> None:
    """Say nothing."""


@dataclass
class Edge:
    """A real Envoy with what it was told; no agent."""

    blueprint: Blueprint
    place: Place
    xds: Xds
    admin: Admin
    keeper: Keeper
    standings: Standings
    endpoints: Endpoints
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def port(self) -> int:
        return self.place.port

    def client(self) -> Client:
        return Client(self.port)

    async def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answer:
        """Ask once, on a connection of its own."""
        client = self.client()
        try:
            return await client.ask(path, method, body, **headers)
        finally:
            client.close()

    async def split(self, **splits: Split) -> None:
        """Have it obey these splits."""
        await self.obey(wanted=Wanted(version=self.wanted.version + 1, splits=splits))

    async def obey(
        self, *, wanted: Wanted | None = None, endpoints: Endpoints | None = None
    ) -> None:
        self.wanted = wanted or self.wanted
        self.endpoints = endpoints or self.endpoints
        self.standings.obey(self.wanted)
        await self.xds.obey(render(self.blueprint, self.endpoints, self.wanted, self.place))

    async def read(self) -> Reading:
        return await self.xds.read()


def a_blueprint(**parts: Any) -> Blueprint:
    """Return a blueprint with these parts."""
    return Blueprint.model_validate({"name": "wallet", "monolith": {"url": "http://x"}, **parts})


@asynccontextmanager
async def edge(
    blueprint: dict[str, Any], at: Mapping[str, Placed], folder: Path, *, site_prefix: str = ""
) -> AsyncIterator[Edge]:
    """Run an Envoy of a blueprint in front of these upstreams."""
    endpoints = Endpoints(
        at={name: (upstream.endpoint,) for name, upstream in at.items()}, site_prefix=site_prefix
    )
    whole = Blueprint.model_validate(
        {"name": "wallet", "monolith": {"url": "http://x"}, **blueprint}
    )
    place = place_of(Setting("edge-1", folder / "endpoints.json", folder / "edge", free_port()))
    async with Admin(place.admin) as admin:
        xds = Xds(place, admin)
        keeper = Keeper(place, admin, xds, 1, quiet)
        standings = Standings(place.folder, whole.slices)
        running = Edge(whole, place, xds, admin, keeper, standings, endpoints)
        try:
            standings.begin(Wanted())
            await keeper.begin(render(whole, endpoints, Wanted(), place))
            yield running
        finally:
            await keeper.end()
