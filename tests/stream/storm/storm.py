"""A storm: writers at full speed, one fault after the other, and in the end the reckoning."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from matapalo.errors import CannotPin, StreamError
from matapalo.stream.apply import count_conflicts
from matapalo.stream.database import connect
from matapalo.stream.verify import Manner, Outcome, verify
from tests.stream.storm.faults import FAULTS, Fault
from tests.stream.storm.proxy import Point
from tests.stream.storm.report import Report
from tests.stream.storm.switch import close_new_side, pass_fence, way_back
from tests.stream.storm.world import FORWARD, PATIENCE, REVERSE, World


def storm(schema: ModuleType, seed: int, seconds: float, folder: Path) -> Report:
    """Let a storm rage for some seconds, after a load that is struck too; return what it left."""
    chance = random.Random(seed)
    with World(schema, seed, folder) as world:
        load(world, chance)
        close_new_side(world)
        for stream in (FORWARD, REVERSE):
            world.follow(stream)
        way_back(world)
        rage(world, chance, seconds)
        world.calm()
        reckon(world)
        return world.report


def load(world: World, chance: random.Random) -> None:
    """Copy every table, and kill the load before and after it commits: ranges, notes, the end."""
    over = threading.Event()

    def strike() -> None:
        for point in chance.choices([Point.BEFORE_COMMIT, Point.AFTER_COMMIT], k=4):
            over.wait(chance.uniform(0, 1.5))
            if not over.is_set() and world.proxies[1].strike(point, "matapalo load", within=5):
                world.report.faults[f"kill the load {point}"] += 1

    striking = threading.Thread(target=strike, daemon=True)
    striking.start()
    world.loading().until_done(PATIENCE)
    over.set()
    striking.join()


def rage(world: World, chance: random.Random, seconds: float) -> None:
    """Strike, wait a little, and strike again. Every kind of fault comes before any comes twice."""
    until = time.monotonic() + seconds
    for fault in _in_any_order(chance):
        if time.monotonic() > until:
            return
        if fault(world, chance):
            world.report.faults[fault.__name__.replace("_", " ")] += 1
        time.sleep(chance.uniform(0, 0.6))
        if chance.random() < 0.15:
            compare(world)


def _in_any_order(chance: random.Random) -> Iterator[Fault]:
    while True:
        yield from chance.sample(FAULTS, len(FAULTS))


def compare(world: World) -> None:
    """Compare both sides while all goes on; a fault of the moment may forbid it."""
    job = world.job(FORWARD if world.gate.owner == world.monolith else REVERSE)
    try:
        outcome = verify(job, Manner(lease=20), lambda flow, rows: None)
    except (CannotPin, StreamError):
        return
    world.report.compared += 1
    world.report.losses += _differences(outcome)


def reckon(world: World) -> None:
    """Wait until all that was written is on both sides, and count what is lost."""
    report = world.report
    job = world.job(FORWARD if world.gate.owner == world.monolith else REVERSE)
    pass_fence(job)
    outcome = verify(job, Manner(pin=False), lambda flow, rows: None)
    report.losses += _differences(outcome)
    report.rows = sum(one.source_rows for one in outcome.compared)
    acknowledged = {name for writer in world.writers for name in writer.record.acknowledged}
    doubtful = {name for writer in world.writers for name in writer.record.doubtful}
    report.acknowledged, report.doubtful = len(acknowledged), len(doubtful)
    for url in (world.monolith, world.new):
        report.losses += world.schema.losses(url, acknowledged, doubtful)
    report.losses += [error for writer in world.writers for error in writer.record.refused]
    for stream in (FORWARD, REVERSE):
        with connect(world.job(stream).target) as target:
            if conflicts := count_conflicts(target, stream):
                report.losses.append(f"{conflicts} conflicts of {stream}")


def _differences(outcome: Outcome) -> list[str]:
    return [
        f"{one.flow}: {difference.fault} {difference.key} {difference.columns}"
        for one in outcome.compared
        for difference in one.differences
    ]
