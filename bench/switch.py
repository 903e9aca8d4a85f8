"""What customers notice of a switch: how long writes take that come while one goes on.

    python bench/switch.py [--switches N] [--rate N] [--rounds N]

The whole system runs: edge, monolith, service, two PostgreSQL servers, streams, conductor. A slice
changes sides again and again, forth and back, while requests come at a steady rate, a fifth of them
writes. Each is timed from the moment at which it was due, so that one that could not even leave is
counted too. Everything shares this machine, the load as well.

Then a tenth of the reads is copied to the new side, and a tenth to the comparison, and the
processor time that Envoy takes a request is held against that without copies.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._switch_load import Asked, Rate, load  # noqa: E402 - after the path
from matapalo.conductor import Arrived  # noqa: E402 - as above
from tests.switch.world import World, world  # noqa: E402 - as above

RESULT = ROOT / "bench" / "results" / "switch.json"
PAUSE_GOAL = 50.0
"""Milliseconds, of the p99 of writes around switches."""
COMMAND_GOAL = 2.0
"""Seconds, of a command whose gates are green."""
SHADOW_GOAL = 1.25
APP = "bench._switch_app"
WRITES = 5
CALM = 0.5
"""Seconds between two switches, and before a write counts as one of a calm time."""
COPIED = {"shadow": 10, "compare": 10}
TURN = 6.0
"""Seconds of a turn with copies, or without."""


@dataclass(frozen=True)
class Switch:
    """One switch."""

    began: float
    ended: float
    """From the word that writes wait to the word that they go on; a monotonic clock's seconds."""
    seconds: float
    """What the command took, gates and all."""

    def meets(self, asked: Asked, margin: float = 0) -> bool:
        """Whether a request was under way meanwhile."""
        return asked.due < self.ended + margin and asked.answered > self.began - margin


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--switches", type=int, default=100)
    parser.add_argument("--rate", type=int, default=1000, help="requests a second")
    parser.add_argument("--rounds", type=int, default=5, help="of turns with copies and without")
    told = parser.parse_args()
    found = asyncio.run(_switching(told.switches, told.rate))
    found |= asyncio.run(_shadowing(told.rounds, told.rate))
    _print(found)
    _keep(found)


class Loading(AbstractContextManager["Loading"]):
    """A load beside everything else."""

    def __init__(self, port: int, rate: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._over, self._told = context.Event(), context.Queue()
        told = Rate(port, rate, WRITES, "bench")
        self._process = context.Process(target=load, args=(told, self._over, self._told))
        self.asked: list[Asked] = []

    def __enter__(self) -> "Loading":
        self._process.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self.asked = self._told.get(timeout=60)
        self._process.join(60)


async def _switching(count: int, rate: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="matapalo-bench-") as folder:
        async with world(Path(folder), app=APP) as town:
            await town.conductor.copies()
            with Loading(town.edges[0].port, rate) as loading:
                await asyncio.sleep(3)
                switches = [await _switch(town, number) for number in range(count)]
                await asyncio.sleep(CALM)
    return _judged(switches, loading.asked, rate)


async def _switch(town: World, number: int) -> Switch:
    """Switch, there or back; the time at which gates have passed is part of the command."""
    await asyncio.sleep(CALM)
    conductor = town.conductor
    moves: Callable[[], Awaitable[Arrived]] = (
        conductor.switches_back if number % 2 else conductor.switches
    )
    began = time.monotonic()
    arrived = await moves()
    now = time.monotonic()
    return Switch(now - arrived.timeline[-1].ms / 1000, now, now - began)


def _judged(switches: Sequence[Switch], asked: Sequence[Asked], rate: int) -> dict[str, Any]:
    writes = [one for one in asked if one.write and not one.failed]
    around = [one for one in writes if any(s.meets(one) for s in switches)]
    calm = [one for one in writes if not any(s.meets(one, margin=CALM / 2) for s in switches)]
    longest = [
        max((one.seconds for one in writes if switch.meets(one)), default=0) for switch in switches
    ]
    lasted = asked[-1].due - asked[0].due if asked else 0
    pause = _spread(one.seconds for one in around)
    commands = _spread(switch.seconds for switch in switches)
    return {
        "switches": len(switches),
        "requests_a_second": {"wanted": rate, "were": round(len(asked) / lasted) if lasted else 0},
        "failures": sum(bool(one.failed) for one in asked),
        "some_failures": [one.failed for one in asked if one.failed][:5],
        "writes_around_switches_ms": pause,
        "writes_between_ms": _spread(one.seconds for one in calm),
        "longest_write_of_a_switch_ms": _spread(longest),
        "held_ms": _spread(switch.ended - switch.began for switch in switches),
        "command_ms": commands,
        "write_pause": {
            "goal": PAUSE_GOAL,
            "is": pause["p99"],
            "met": bool(around) and pause["p99"] <= PAUSE_GOAL,
        },
        "command": {
            "goal": COMMAND_GOAL * 1000,
            "is": commands["p99"],
            "met": commands["p99"] <= COMMAND_GOAL * 1000,
        },
    }


def _spread(seconds: Iterable[float]) -> dict[str, float]:
    """Return the milliseconds that half of them, 99 in 100, and all of them stay within."""
    some = sorted(seconds)
    if not some:
        return {"count": 0, "p50": 0, "p99": 0, "max": 0}
    at = {"p50": some[len(some) // 2], "p99": some[int(len(some) * 0.99)], "max": some[-1]}
    return {"count": len(some), **{name: round(value * 1000, 1) for name, value in at.items()}}


async def _shadowing(rounds: int, rate: int) -> dict[str, Any]:
    ratios = []
    with tempfile.TemporaryDirectory(prefix="matapalo-bench-") as folder:
        async with world(Path(folder), app=APP, **COPIED) as town:
            await town.conductor.copies()
            with Loading(town.edges[0].port, rate):
                await asyncio.sleep(3)
                for _ in range(rounds):
                    without = await _turn(town)
                    await town.conductor.advances(to="shadowing")
                    ratios.append(await _turn(town) / without)
                    await town.conductor.backs(to="following")
    ratio = round(statistics.median(ratios), 3)
    of_rounds = [round(one, 3) for one in ratios]
    return {
        "cpu_of_shadowing": {
            "goal": SHADOW_GOAL,
            "is": ratio,
            "met": ratio <= SHADOW_GOAL,
            "rounds": of_rounds,
        }
    }


async def _turn(town: World) -> float:
    """Return the processor time that Envoy takes in a while, in seconds; the rate is steady."""
    (envoy,) = town.edges[0].envoys()
    before = _cpu(envoy)
    await asyncio.sleep(TURN)
    return _cpu(envoy) - before


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _print(found: dict[str, Any]) -> None:
    rate = found["requests_a_second"]
    print(f"{found['switches']} switches at {rate['were']} requests/s, a fifth of them writes")
    print(f"{'':34}{'count':>8}{'p50':>10}{'p99':>10}{'max':>10}  ms")
    for name, spread in found.items():
        if name.endswith("_ms"):
            title = name.removesuffix("_ms").replace("_", " ")
            values = "".join(f"{spread[key]:10.1f}" for key in ("p50", "p99", "max"))
            print(f"{title:34}{spread['count']:8}{values}")
    print(f"failed requests                   {found['failures']:8}  goal 0")
    for failure in found["some_failures"]:
        print(f"    {failure}")
    for name, what in _GOALS.items():
        one = found[name]
        met = "met" if one["met"] else "MISSED"
        print(f"{what:34}{one['is']:8}  goal <= {one['goal']:g} {met}")


_GOALS = {
    "write_pause": "p99 of writes at a switch, ms",
    "command": "p99 of a command, gates green, ms",
    "cpu_of_shadowing": "CPU a request, shadowing : not",
}


def _keep(found: dict[str, Any]) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    about = {"machine": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[1]}
    RESULT.write_text(json.dumps({**about, **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
