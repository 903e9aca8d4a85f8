"""What the edge costs: CPU a request, requests a second and added latency, beside its peers.

    python bench/edge.py [--rounds N] [--requests N]

Subjects take turns: the upstream itself, a plain Envoy that only proxies, the edge with all that it
does (split by user, signed tokens, rate limit, log), and Caddy that only proxies; then the edge
while it does not divide a slice, while it copies a tenth of it to the new side and another tenth to
the comparison, and while it divides it and looks for each reader whether he has written. Ratios are
taken within each round, and the median of them is given, so that what else the machine does meets
both sides of a ratio. The load comes from this program and shares the machine with them: CPU
a request, by the process's own clock, is the figure to trust.
"""

import argparse
import asyncio
import json
import os
import platform
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import psutil
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench import _edge_subjects as subjects  # noqa: E402 - after the path
from bench._edge_subjects import ISSUER, Subject  # noqa: E402 - as above
from matapalo.edge import Split  # noqa: E402 - as above

RESULT = ROOT / "bench" / "results" / "edge.json"
CPU_GOAL = 1.4
SHADOW_GOAL = 1.25
SPEED_GOAL = 1.0
FULL, WHOLE, SHADOWING, WATCHING = (
    "edge, full stack",
    "edge, undivided",
    "edge, shadowing",
    "edge, own writes",
)
EDGES = {
    FULL: Split(reads_new=50),
    WHOLE: Split(),
    SHADOWING: Split(mirror=10, compare=10),
    WATCHING: Split(reads_new=50, read_own_writes=True),
}
CONNECTIONS = 32
LOADERS = 2
USERS = 200
ALONE = 300
"""Requests, one after the other, by which latency is measured."""


@dataclass(frozen=True)
class Turn:
    """What one turn of a subject showed."""

    cpu_us: float
    per_second: float
    p50_ms: float
    p99_ms: float


Rounds = list[dict[str, Turn]]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--requests", type=int, default=6_000, help="in a turn")
    told = parser.parse_args()
    rounds = asyncio.run(_measure(told.rounds, told.requests))
    _print(rounds)
    verdicts = _judge(rounds)
    _keep(rounds, verdicts, told.requests)


async def _measure(rounds: int, requests: int) -> Rounds:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    heads = _heads(key)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="matapalo-bench-")))
        upstream = stack.enter_context(subjects.upstream(folder, key))
        ready = (
            upstream,
            stack.enter_context(subjects.plain(folder, upstream)),
            *[await subjects.edge(*one, folder, upstream, stack) for one in EDGES.items()],
            stack.enter_context(subjects.caddy(folder, upstream)),
        )
        pool = stack.enter_context(ProcessPoolExecutor(LOADERS))

        def take_turns() -> dict[str, Turn]:
            return {one.name: _turn(pool, one, heads, requests) for one in ready}

        take_turns()  # warms up
        return [take_turns() for _ in range(rounds)]


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
    """Seconds of a processor that its threads have had, by the finest clock at hand."""
    threads = Path(f"/proc/{process.pid}/task")
    if not threads.exists():
        times = process.cpu_times()
        return times.user + times.system
    had = ((thread / "schedstat").read_text().split()[0] for thread in threads.iterdir())
    return sum(map(int, had)) / 1e9


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


def _median(rounds: Rounds, of: Callable[[dict[str, Turn]], float]) -> float:
    return statistics.median(map(of, rounds))


def _medians(rounds: Rounds, name: str) -> dict[str, float]:
    return {
        "cpu_us": _median(rounds, lambda turns: turns[name].cpu_us),
        "per_second": _median(rounds, lambda turns: turns[name].per_second),
        "added_p50_ms": _median(rounds, lambda t: t[name].p50_ms - t["upstream"].p50_ms),
        "added_p99_ms": _median(rounds, lambda t: t[name].p99_ms - t["upstream"].p99_ms),
    }


def _print(rounds: Rounds) -> None:
    print(f"{'':18}{'CPU a request':>15}{'requests/s':>12}{'added p50':>12}{'added p99':>12}")
    for name in rounds[0]:
        found = _medians(rounds, name)
        print(
            f"{name:18}{found['cpu_us']:12.1f} µs{found['per_second']:12,.0f}"
            f"{found['added_p50_ms']:9.3f} ms{found['added_p99_ms']:9.3f} ms"
        )


def _judge(rounds: Rounds) -> dict[str, Any]:
    cpu = _cpu_ratio(rounds, FULL, "plain Envoy")
    shadowing = _cpu_ratio(rounds, SHADOWING, WHOLE)
    speed = _median(rounds, lambda t: t[FULL].per_second / t["Caddy"].per_second)
    print(
        f"CPU a request, edge : plain Envoy  {cpu:.2f}  goal <= {CPU_GOAL} {_met(cpu <= CPU_GOAL)}"
    )
    print(f"CPU a request, edge : Caddy        {_cpu_ratio(rounds, FULL, 'Caddy'):.2f}")
    print(f"requests/s, edge : Caddy           {speed:.2f}  goal > {SPEED_GOAL} {_met(speed > 1)}")
    print(
        f"CPU a request, shadowing : not     {shadowing:.2f}"
        f"  goal <= {SHADOW_GOAL} {_met(shadowing <= SHADOW_GOAL)}"
    )
    print(f"CPU a request, own writes : not    {_cpu_ratio(rounds, WATCHING, FULL):.2f}")
    return {
        "cpu_of_plain_envoy": {"goal": CPU_GOAL, "is": cpu, "met": cpu <= CPU_GOAL},
        "requests_of_caddy": {"goal": SPEED_GOAL, "is": speed, "met": speed > SPEED_GOAL},
        "cpu_of_shadowing": {
            "goal": SHADOW_GOAL,
            "is": shadowing,
            "met": shadowing <= SHADOW_GOAL,
        },
    }


def _cpu_ratio(rounds: Rounds, one: str, other: str) -> float:
    return _median(rounds, lambda turns: turns[one].cpu_us / turns[other].cpu_us)


def _met(met: bool) -> str:
    return "met" if met else "MISSED"


def _keep(rounds: Rounds, verdicts: dict[str, Any], requests: int) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    about: dict[str, Any] = {"machine": platform.platform(), "cores": os.cpu_count()}
    about |= {"load": os.getloadavg()[1], "rounds": len(rounds), "requests": requests}
    measured = {name: _medians(rounds, name) for name in rounds[0]}
    RESULT.write_text(json.dumps({**about, "median": measured, **verdicts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
