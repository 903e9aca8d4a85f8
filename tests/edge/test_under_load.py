"""Requests go on while slices move and services start anew: none fails, and nobody turns back."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matapalo.edge import Split
from tests.edge.process import Conductor, EdgeProcess, conducting, edge_process
from tests.edge.world import Client, Upstream, upstreams
from tests.support import eventually

REQUESTS = 20_000
MOVES = 40
CLIENTS = 16
BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}, "drain": 1},
    "products": {"p": {"services": {"s": {"url": "http://127.0.0.1:9"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}
UP = [
    Split(mirror=100),
    *(Split(reads_new=share) for share in (10, 25, 50, 75, 100)),
    Split(reads_new=100, writes_new=True),
]
ROUND = [*UP, *reversed(UP[:-1]), Split()]


@dataclass
class Customers:
    """Ask on and on, each for himself; remember who answered."""

    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    sides: dict[str, str] = field(default_factory=dict)
    direction: int = 0
    turned_back: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, number: int) -> None:
        client = Client(self.port)
        count = 0
        while not self.done.is_set():
            count += 1
            user = f"{number}-{count % 40}"
            direction = self.direction
            answer = await client.ask("/cards", cookie=f"matapalo_user={user}")
            self._heard(user, direction, answer.status, answer.text)
            if count % 5 == 0:
                written = await client.ask("/cards", "POST", b"{}")
                self.statuses[written.status] += 1
        client.close()

    def _heard(self, user: str, direction: int, status: int, side: str) -> None:
        self.statuses[status] += 1
        before = self.sides.get(user)
        self.sides[user] = side
        # While the direction changes, either is right.
        if direction and before and before != side and direction == self.direction:
            self.turned_back += (side == "p/s") != (direction > 0)

    @property
    def count(self) -> int:
        return self.statuses.total()


async def move(conductor: Conductor, customers: Customers) -> None:
    """Move the slice up and down, and let some requests pass at every step."""
    up = True
    for number in range(MOVES):
        split = ROUND[number % len(ROUND)]
        going_up = number % len(ROUND) < len(UP)
        if going_up != up:
            # What was on its way at the turn still counts for the way before.
            customers.direction = 0
            up = going_up
        await conductor.obeyed(cards=split)
        await pass_by(customers, 2 * CLIENTS)
        customers.direction = 1 if up else -1
        await pass_by(customers, REQUESTS // MOVES)


async def pass_by(customers: Customers, requests: int) -> None:
    goal = customers.count + requests
    await eventually(lambda: customers.count >= goal, within=120)


async def restart(edge: EdgeProcess, at: dict[str, Upstream], rounds: int) -> None:
    """Replace the service by another one on another port: new one up, then told, then old one."""
    for _ in range(rounds):
        new = Upstream("p/s", keep=False)
        await new.start()
        old, at["p/s"] = at["p/s"], new
        edge.place(at)
        await asyncio.sleep(1)
        await old.stop()


async def test_no_request_fails_while_a_slice_moves_and_its_service_starts_anew(
    tmp_path: Path,
) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        conducting() as conductor,
        edge_process(tmp_path, BLUEPRINT, at, conductor) as edge,
    ):
        for upstream in at.values():
            upstream.keep = False
        await edge.start()
        await eventually(lambda: bool(conductor.reports))
        customers = Customers(edge.port)
        running = [asyncio.create_task(customers.run(n)) for n in range(CLIENTS)]
        restarting = asyncio.create_task(restart(edge, at, 4))
        await move(conductor, customers)
        await restarting
        customers.done.set()
        await asyncio.gather(*running)
        assert customers.count >= REQUESTS
        assert set(customers.statuses) == {200}
        assert customers.turned_back == 0
        assert len(conductor.reports) > 10
        await at["p/s"].stop()


async def test_no_request_fails_while_the_agent_is_killed(tmp_path: Path) -> None:
    async with (
        upstreams("monolith", "p/s") as at,
        conducting() as conductor,
        edge_process(tmp_path, BLUEPRINT, at, conductor) as edge,
    ):
        await edge.start()
        await eventually(lambda: bool(conductor.reports))
        customers = Customers(edge.port)
        running = [asyncio.create_task(customers.run(n)) for n in range(4)]
        for split in (UP[2], UP[-1], Split()):
            await conductor.obeyed(cards=split)
            await edge.kill()
            await pass_by(customers, 200)
            await edge.start()
        customers.done.set()
        await asyncio.gather(*running)
        assert set(customers.statuses) == {200}
