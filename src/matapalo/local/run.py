"""Running a system from its beginning to its end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from matapalo.blueprint import Blueprint, load
from matapalo.errors import StartFailed
from matapalo.local.control import taking_orders
from matapalo.local.health import becomes_well
from matapalo.local.home import Home, open_home
from matapalo.local.keeper import Event, Tell
from matapalo.local.leftovers import end_leftovers
from matapalo.local.lock import holding
from matapalo.local.logs import keep_logs
from matapalo.local.ports import keep_ports
from matapalo.local.secrets import keep_secrets
from matapalo.local.spec import HttpHealth
from matapalo.local.system import System
from matapalo.local.topology import PASSED_ON, Scene, fixed_ports, port_names, secret_names

LOCAL = "local"
MONOLITH_PATIENCE = 5.0
"""How long a monolith that should run already may take to answer, in seconds."""


@asynccontextmanager
async def running(
    blueprint: Path, environment: str = LOCAL, tell: Tell = lambda _: None
) -> AsyncIterator[System]:
    """Run the system of a blueprint's file: all is well when the block begins, all ended after it.

    `tell` hears of everything that happens. What an earlier run left is ended first. Raises
    BlueprintError, AlreadyUp, FolderUnusable, PortTaken or StartFailed; nothing runs then.
    """
    the, home = load(blueprint, environment), open_home(blueprint)
    async with AsyncExitStack() as stack:
        stack.enter_context(holding(home))
        if count := await asyncio.to_thread(end_leftovers, home):
            tell(Event("up", f"ended {count} processes that an earlier run left"))
        await _find_monolith(the)
        system = System(_scene(the, blueprint, environment, home), tell)
        await stack.enter_async_context(_logs_kept(home, tell))
        await stack.enter_async_context(taking_orders(home.socket, system.answer))
        stack.push_async_callback(system.end)
        await system.start()
        yield system


def _scene(the: Blueprint, file: Path, environment: str, home: Home) -> Scene:
    return Scene(
        blueprint=the,
        file=file.resolve(),
        environment=environment,
        home=home,
        ports=keep_ports(home, port_names(the), fixed_ports(the)),
        secrets=keep_secrets(home, secret_names(the)),
        host=tuple((name, os.environ[name]) for name in PASSED_ON if name in os.environ),
    )


async def _find_monolith(the: Blueprint) -> None:
    """Raise StartFailed if a monolith that should run already does not answer."""
    if not (url := the.monolith.url):
        return
    if reason := await becomes_well(HttpHealth(url + the.monolith.health), MONOLITH_PATIENCE):
        raise StartFailed(
            f"the monolith does not answer: {reason}",
            where=url,
            hint="start it, or correct monolith.url or monolith.health in the blueprint",
        )


@asynccontextmanager
async def _logs_kept(home: Home, tell: Tell) -> AsyncIterator[None]:
    keeping = asyncio.create_task(keep_logs(home.logs, lambda why: tell(Event("logs", why))))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait((keeping,))
