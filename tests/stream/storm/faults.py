"""What can happen to a stream: each fault is one function, and is over when it returns."""

import os
import random
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import psycopg

from tests.stream.storm.proxy import Point
from tests.stream.storm.switch import switch
from tests.stream.storm.world import FORWARD, REVERSE, World

Fault = Callable[[World, random.Random], bool]
"""Happens; returns whether it did (there may have been nobody to strike)."""

_STREAMS = (FORWARD, REVERSE)
_SESSIONS = """
SELECT pid FROM pg_stat_activity
WHERE application_name LIKE 'matapalo%%' AND (backend_type = 'walsender') = %s
"""


def kill_a_stream(world: World, chance: random.Random) -> bool:
    """SIGKILL one of the processes."""
    world.streams[chance.choice(_STREAMS)].verb.kill()
    return True


def kill_both_streams(world: World, chance: random.Random) -> bool:
    """SIGKILL both at once."""
    for stream in _STREAMS:
        world.streams[stream].verb.kill()
    return True


def cut_appliers(world: World, chance: random.Random) -> bool:
    """End the sessions in which rows are written, on either server."""
    return _cut(world, chance, walsenders=False)


def cut_walsenders(world: World, chance: random.Random) -> bool:
    """End the sessions that read the log."""
    return _cut(world, chance, walsenders=True)


def kill_a_backend(world: World, chance: random.Random) -> bool:
    """SIGKILL a session's process: the server ends all sessions and recovers from its log."""
    pids = _sessions(chance.choice([world.monolith, world.new]), walsenders=chance.random() < 0.5)
    for pid in pids[:1]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)


def restart_a_server(world: World, chance: random.Random) -> bool:
    """Stop and start a server in the orderly way."""
    server = chance.choice(world.servers)
    server.stop()
    server.start()
    return True


def crash_a_server(world: World, chance: random.Random) -> bool:
    """Have a server end at once, and recover."""
    server = chance.choice(world.servers)
    server.crash()
    server.start()
    return True


def crash_both_servers(world: World, chance: random.Random) -> bool:
    """Likewise both at the same time."""
    for server in world.servers:
        server.crash()
    for server in world.servers:
        server.start()
    return True


def change_direction(world: World, chance: random.Random) -> bool:
    """Let writes change owner."""
    switch(world)
    return True


def change_direction_while_a_stream_dies(world: World, chance: random.Random) -> bool:
    """Likewise, and kill a stream in the middle."""
    kept = world.streams[chance.choice(_STREAMS)]
    timer = threading.Timer(chance.uniform(0, 0.3), kept.verb.kill)
    timer.start()
    switch(world)
    timer.join()
    return True


def at(point: Point) -> Fault:
    """Return the fault that kills the process that carries the writes, at a forced point."""

    def strike(world: World, chance: random.Random) -> bool:
        forward = world.gate.owner == world.monolith
        stream = FORWARD if forward else REVERSE
        confirms = point in {Point.BEFORE_CONFIRM, Point.AFTER_CONFIRM}
        proxy = world.proxies[0 if forward is confirms else 1]
        return proxy.strike(point, stream.on_server, within=5)

    strike.__name__ = f"kill_{point.replace(' ', '_')}"
    return strike


FAULTS: tuple[Fault, ...] = (
    kill_a_stream,
    kill_both_streams,
    cut_appliers,
    cut_walsenders,
    kill_a_backend,
    restart_a_server,
    crash_a_server,
    crash_both_servers,
    change_direction,
    change_direction_while_a_stream_dies,
    *(at(point) for point in Point),
)


def _cut(world: World, chance: random.Random, *, walsenders: bool) -> bool:
    url = chance.choice([world.monolith, world.new])
    pids = _sessions(url, walsenders=walsenders)
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as session:
        session.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [pids])
    return bool(pids)


def _sessions(url: str, *, walsenders: bool) -> list[int]:
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as session:
        return [pid for (pid,) in session.execute(_SESSIONS, [walsenders])]
    return []
