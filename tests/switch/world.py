"""The smallest real world in which a slice changes sides, routes and tables as one.

    customers ─▶ edges (Envoy + agent) ─▶ monolith ─▶ PostgreSQL ┐ streams, both ways
                        │ ▲             ╰▶ service  ─▶ PostgreSQL ┘
                        ╰─┴─ conductor ─▶ ledger (on the service's server)

Every part is its own process, kept running by a small supervisor, and ended by its pid.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import psutil

from matapalo.conductor import Arrived, Entry, Event, Side, SliceView, Verified
from matapalo.console import Client, Seat, connect
from matapalo.errors import ConductorError, MatapaloError
from tests.stream.servers import Server, fetch, run
from tests.support import eventually, free_port
from tests.switch.app import SCHEMA, TABLE
from tests.switch.customers import Crowd, Customer, crowd
from tests.switch.keeping import Kept

SLICE = "orders"
SERVICE = "shop/orders"
TOKEN = "a token for the switch"
LONG = 90.0
"""Seconds that anything may take on a busy machine."""
GATES = {"min_requests": 5, "max_error_rate": 100, "max_error_rate_above": 100,
         "max_p99_ratio": 1000, "p99_floor_ms": 10_000, "max_lag": 30,
         "max_heartbeat_age": 30}  # fmt: skip
"""Gates that a slow machine passes: what they judge is not what is tried here."""


def blueprint(monolith: int, service: int, **piece: Any) -> dict[str, Any]:
    """Return the blueprint. Without `steps` and `shadow` the switch is right behind the copy."""
    told: dict[str, Any] = {"shadow": 0, "compare": 0, "steps": [], "gates": {}} | piece
    return {
        "name": "town",
        "edge": {"limits": {"rate": None}, "drain": 1, "user_header": "x-customer"},
        "monolith": {
            "url": f"http://127.0.0.1:{monolith}",
            "database": {"name": "town", "url": "postgresql://127.0.0.1:3/town"},
        },
        "products": {
            "shop": {
                "services": {
                    "orders": {"url": f"http://127.0.0.1:{service}", "uses": ["books"]},
                },
                "stores": {"books": {"kind": "aurora"}},
            }
        },
        "slices": {
            SLICE: {
                **told,
                "to": SERVICE,
                "routes": ["/api/orders"],
                "tables": [TABLE],
                "gates": GATES | told["gates"],
            }
        },
    }


@dataclass
class Conductor:
    """Asks the conductor, as `matapalo advance` and `back` do."""

    url: str

    async def copies(self) -> None:
        """Have the tables copied and followed."""
        await self.advances(to="following")

    async def switches(self) -> Arrived:
        """Have the new side own the slice."""
        return await self.advances(to="switched")

    async def switches_back(self) -> Arrived:
        """Have the monolith own it again."""
        return await self.backs(to="following")

    async def advances(self, **wish: Any) -> Arrived:
        """Advance, waiting for the gates; return where it led."""
        return await self._moves("advance", {"wait": LONG, **wish})

    async def backs(self, **wish: Any) -> Arrived:
        """Go back; return where it led."""
        return await self._moves("back", wish)

    async def slice(self) -> SliceView:
        """Return the slice as people see it."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return await conductor.slice(SLICE)

    async def verifies(self) -> Verified:
        """Compare both sides now."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return await conductor.verify(SLICE)

    async def ledger(self) -> tuple[Entry, ...]:
        """Return everything that was written down."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            return await conductor.ledger(limit=1000)

    async def approved(self) -> None:
        """Say yes, as a person."""
        async with connect(Seat(self.url, TOKEN)) as conductor:
            await conductor.approve(SLICE, who="ana", why="it looks well")

    async def edges_live(self, count: int) -> bool:
        """Whether so many edges are live and obey."""
        return await self._gate("edges") == ("pass", f"{count} of {count} live")

    async def gate(self, name: str) -> str:
        """Return what one gate says now: pass, fail or inconclusive."""
        return (await self._gate(name))[0]

    async def rests(self) -> SliceView | None:
        """Return the slice if nothing moves it, and the conductor answers."""
        try:
            seen = await self.slice()
        except ConductorError:
            return None
        return None if seen.move else seen

    async def _gate(self, name: str) -> tuple[str, str]:
        try:
            gates = (await self.slice()).gates
        except ConductorError:
            return "", ""
        return next(((g.outcome.value, g.why) for g in gates if g.name == name), ("", ""))

    async def _moves(self, verb: str, wish: Mapping[str, Any]) -> Arrived:
        async with connect(Seat(self.url, TOKEN)) as conductor:
            told = await _told(conductor, verb, {"who": "ana", **wish})
        return next(event for event in reversed(told) if isinstance(event, Arrived))


async def _told(conductor: Client, verb: str, wish: Mapping[str, Any]) -> list[Event]:
    return [event async for event in conductor.move(verb, SLICE, wish)]


@dataclass
class Edge:
    """An agent and its Envoy."""

    name: str
    folder: Path
    port: int
    agent: Kept

    def envoys(self) -> list[psutil.Process]:
        """Return every Envoy of this edge that is alive."""
        mine = str(self.folder / "bootstrap.json")
        found = psutil.process_iter(["cmdline", "status"])
        alive = (p for p in found if p.info["status"] != psutil.STATUS_ZOMBIE)
        return [p for p in alive if mine in (p.info["cmdline"] or ())]

    def files(self) -> frozenset[str]:
        """Return what there is in its folder."""
        return frozenset(str(file.relative_to(self.folder)) for file in self.folder.rglob("*"))


@dataclass
class World:
    """Everything there is."""

    folder: Path
    count: int = 1
    """How many edges there are."""
    piece: Mapping[str, Any] = field(default_factory=dict)
    """What the slice's part of the blueprint says besides."""
    app: str = "tests.switch.app"
    """The module that answers for a side."""
    servers: dict[Side, Server] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    _ports: dict[str, int] = field(default_factory=dict)

    @cached_property
    def conductor(self) -> Conductor:
        return Conductor(f"http://127.0.0.1:{self._ports['conductor']}")

    def url(self, side: Side) -> str:
        """Return where a side's database is."""
        return self.servers[side].of("town")

    @property
    def ledger(self) -> str:
        """Where the ledger is: on the server of the new side, as on one machine."""
        return self.servers[Side.NEW].of("ledger")

    def customer(self, name: str) -> Customer:
        """Return a customer who does nothing by himself, at the first edge."""
        return Customer(name, self.edges[0].port)

    def crowd(self, **told: Any) -> Crowd:
        """Return customers at every edge."""
        return crowd((edge.port for edge in self.edges), **told)

    def ask(self, side: Side, query: str) -> list[tuple[Any, ...]]:
        """Ask a side's database."""
        return fetch(self.url(side), query)

    def open_sides(self) -> set[Side]:
        """Return the sides on which everybody may write."""
        return {side for side in Side if not self.ask(side, _CLOSED)}

    async def at_rest(self, within: float = LONG) -> SliceView:
        """Return the slice once nothing moves it any more."""
        try:
            seen = await eventually(self.conductor.rests, within=within)
        except AssertionError:
            raise AssertionError(self.kept["conductor"].said[-3000:]) from None
        assert seen
        return seen

    def lost_or_doubled(self, names: list[str], side: Side) -> list[str]:
        """Return what is wrong with rows that are known to be written, and with any doubled."""
        counts: dict[str, int] = dict(self.ask(side, _COUNTS))
        wrong = [f"{name} is lost" for name in names if name not in counts]
        return wrong + [f"{name} is there {n} times" for name, n in counts.items() if n != 1]

    def wrong_with(self, crowd: Crowd, side: Side) -> list[str]:
        """Return what is wrong with a side's rows, once nobody writes any more."""
        known = [write.name for write in crowd.acknowledged]
        there = {name for (name,) in self.ask(side, f"SELECT name FROM {TABLE}")}
        strange = there - {*known} - crowd.doubtful
        return [
            *self.lost_or_doubled(known, side),
            *(f"{name} came from nowhere" for name in sorted(strange)),
        ]

    async def same_on_both(self) -> bool:
        """Whether both sides hold the same, as the last word: all of it is compared."""
        one, other = (self.ask(side, _CONTENT) for side in Side)
        return one == other

    async def holds(self, crowd: Crowd) -> None:
        """See that nothing is lost or doubled on either side, once nobody writes any more."""
        await eventually(self.same_on_both, within=LONG)
        for side in Side:
            assert not self.wrong_with(crowd, side), side

    def conflicts(self) -> int:
        """Return how many rows did not find the other side as the log had it."""
        return sum(self.ask(s, _CONFLICTS)[0][0] for s in Side if self.ask(s, _HAS_CONFLICTS))

    def left(self, side: Side) -> dict[str, list[str]]:
        """Return what there is of ours on a server."""
        found = {what: [str(row[0]) for row in self.ask(side, q)] for what, q in _OURS.items()}
        return {what: names for what, names in found.items() if names}

    def sessions(self) -> dict[Side, list[str]]:
        """Return the sessions of ours on both servers, by what they call themselves."""
        return {side: [row[0] for row in self.ask(side, _SESSIONS)] for side in Side}

    def streaming(self) -> bool:
        """Whether anybody reads the log of a server."""
        return any(self.ask(side, "SELECT 1 FROM pg_stat_replication") for side in Side)

    async def start(self, stack: AsyncExitStack) -> None:
        """Start everything; `stack` ends it."""
        names = ("conductor", "monolith", "service", "comparison")
        self._ports = {name: free_port() for name in names}
        await self._start_servers(stack)
        self._write_files()
        parts = {
            "monolith": self._app("monolith", Side.MONOLITH),
            "service": self._app("service", Side.NEW),
            "conductor": self._conduct(),
            "forward": self._stream(),
            "reverse": self._stream("--reverse"),
        }
        if self.piece.get("compare"):
            parts["comparison"] = self._compare()
        for number in range(1, self.count + 1):
            edge = self._edge(number)
            self.edges.append(edge)
            parts[edge.name] = edge.agent
            stack.push_async_callback(_envoys_gone, edge)
        for name, part in parts.items():
            stack.push_async_callback(part.end)
            await part.start()
            self.kept[name] = part
        await eventually(partial(self.conductor.edges_live, self.count), within=LONG)

    async def _start_servers(self, stack: AsyncExitStack) -> None:
        for side in Side:
            server = await asyncio.to_thread(Server)
            stack.callback(server.remove)
            await asyncio.to_thread(server.start)
            run(server.url, "CREATE DATABASE town")
            self.servers[side] = server
        run(self.servers[Side.NEW].url, "CREATE DATABASE ledger")
        run(self.url(Side.MONOLITH), SCHEMA)

    def _write_files(self) -> None:
        described = blueprint(self._ports["monolith"], self._ports["service"], **self.piece)
        names = {"monolith": "monolith", "service": SERVICE, "comparison": "comparison"}
        places = {name: self._ports[short] for short, name in names.items()}
        at = {name: [{"host": "127.0.0.1", "port": port}] for name, port in places.items()}
        databases = {
            "monolith": self.url(Side.MONOLITH),
            "stores": {"shop/books": self.url(Side.NEW)},
        }
        self._put("matapalo.yaml", described)  # JSON is YAML
        self._put("endpoints.json", {"at": at})
        self._put("databases.json", databases)
        (self.folder / "token").write_text(TOKEN)

    def _put(self, name: str, content: object) -> None:
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(json.dumps(content))

    def _app(self, name: str, side: Side) -> Kept:
        words = ["-m", self.app, side.value, str(self._ports[name])]
        return self._kept(name, words, DATABASE_URL=self.url(side))

    def _conduct(self) -> Kept:
        words = [
            *("-m", "matapalo", "conduct", "--port", str(self._ports["conductor"])),
            *("--endpoints", self._file("endpoints.json"), "--token-file", self._file("token")),
            *("--databases", self._file("databases.json")),
        ]
        return self._matapalo("conductor", words, MATAPALO_LEDGER_URL=self.ledger)

    def _compare(self) -> Kept:
        words = [
            *("-m", "matapalo", "compare", "--port", str(self._ports["comparison"])),
            *("--endpoints", self._file("endpoints.json"), "--token-file", self._file("token")),
            *("--conductor", self.conductor.url),
        ]
        return self._matapalo("comparison", words)

    def _stream(self, *more: str) -> Kept:
        name = "reverse" if more else "forward"
        words = ["-m", "matapalo", "stream", "run", SLICE, *more]
        return self._matapalo(name, [*words, "--databases", self._file("databases.json")])

    def _edge(self, number: int) -> Edge:
        name, port = f"edge-{number}", free_port()
        folder = self.folder / name
        words = [
            *("-m", "matapalo", "edge", "--name", name, "--port", str(port)),
            *("--folder", str(folder), "--endpoints", self._file("endpoints.json")),
            *("--conductor", self.conductor.url, "--token-file", self._file("token")),
        ]
        return Edge(name, folder, port, self._matapalo(name, words))

    def _matapalo(self, name: str, words: list[str], **environment: str) -> Kept:
        return self._kept(name, [*words, "--blueprint", self._file("matapalo.yaml")], **environment)

    def _kept(self, name: str, words: list[str], **environment: str) -> Kept:
        return Kept(words, self.folder / f"{name}.log", environment)

    def _file(self, name: str) -> str:
        return str(self.folder / name)


_CLOSED = """
SELECT 1 FROM pg_trigger WHERE tgname = 'matapalo_guard' AND tgenabled <> 'D'"""
_COUNTS = f"SELECT name, count(*) FROM {TABLE} GROUP BY name"
_CONTENT = f"SELECT id, name, customer, written_by FROM {TABLE} ORDER BY id"
_CONFLICTS = "SELECT count(*) FROM matapalo.conflict"
_HAS_CONFLICTS = "SELECT 1 WHERE to_regclass('matapalo.conflict') IS NOT NULL"
_OURS = {
    "slots": "SELECT slot_name FROM pg_replication_slots",
    "publications": "SELECT pubname FROM pg_publication",
    "origins": "SELECT roname FROM pg_replication_origin",
    "triggers": "SELECT concat_ws(' ', tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal",
    "tables": "SELECT tablename FROM pg_tables WHERE schemaname = 'matapalo' ORDER BY 1",
}
_SESSIONS = """
SELECT application_name FROM pg_stat_activity
WHERE datname = 'town' AND application_name LIKE 'matapalo%' ORDER BY 1"""


async def _envoys_gone(edge: Edge) -> None:
    """End what an agent that died left behind."""
    for process in edge.envoys():
        process.kill()
        await asyncio.to_thread(process.wait, 10)


@asynccontextmanager
async def world(
    folder: Path, *, edges: int = 1, app: str = World.app, **piece: Any
) -> AsyncIterator[World]:
    """Give a world in which everything runs, and end all of it."""
    made = World(folder, edges, piece, app)
    async with AsyncExitStack() as stack:
        await made.start(stack)
        yield made


__all__ = ["LONG", "SERVICE", "SLICE", "Conductor", "Edge", "MatapaloError", "World", "world"]
