"""The switch, as a conductor will do it: writes change owner, and nobody notices."""

import secrets
import time

from matapalo.stream import catalog, guard, progress, sequences
from matapalo.stream.database import connect
from matapalo.stream.guard import Guard
from matapalo.stream.job import Job
from tests.stream.storm.world import FORWARD, PATIENCE, REVERSE, World, patiently


def close_new_side(world: World) -> None:
    """Let nobody but the forward stream write to the new side, before anything follows."""
    job = world.job(FORWARD)
    with connect(world.new) as new:
        guard.close(new, job.at_new, Guard("storm", "the monolith", FORWARD.on_server), within=30)


def way_back(world: World) -> None:
    """Wait until the way back has begun: what is written before, it does not bring."""
    job = world.job(REVERSE)

    def begun() -> None:
        with connect(job.target) as monolith:
            progress.read(monolith, job.stream)

    patiently(begun)


def switch(world: World) -> None:
    """Change the owner. Every part may be done twice, so it is, until the servers let it be."""
    away = FORWARD if world.gate.owner == world.monolith else REVERSE
    job = world.job(away)
    patiently(lambda: _carry_sequences(job))
    with world.gate.held():
        patiently(lambda: _close(job))
        pass_fence(job)
        patiently(lambda: _reopen(job))
        world.gate.owner = job.target


def pass_fence(job: Job) -> None:
    """Wait until all that is committed on a stream's source is on its target."""
    fence = secrets.token_hex(8)
    patiently(lambda: _put(job.source, fence))
    deadline = time.monotonic() + PATIENCE
    while not patiently(lambda: _passed(job, fence)):
        assert time.monotonic() < deadline, "a fence is not passed"
        time.sleep(0.005)


def _put(source: str, fence: str) -> None:
    with connect(source) as session:
        progress.put_fence(session, fence)


def _passed(job: Job, fence: str) -> bool:
    with connect(job.target) as session:
        return progress.passed(session, job.stream, fence)


def _close(job: Job) -> None:
    meant = Guard("storm", "the other side", job.stream.opposite.on_server)
    with connect(job.source) as old:
        guard.close(old, job.sources, meant, within=30)


def _reopen(job: Job) -> None:
    with connect(job.target) as owner:
        guard.reopen(owner, job.targets, within=30)


def _carry_sequences(job: Job) -> None:
    with connect(job.source) as source, connect(job.target) as target:
        flows = job.flows(catalog.shapes(source, job.sources), catalog.shapes(target, job.targets))
        sequences.carry(source, target, flows, ahead=100_000)
