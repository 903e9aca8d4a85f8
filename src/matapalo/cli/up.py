"""`matapalo up`: in the foreground, or detached."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import typer

from matapalo.blueprint import load
from matapalo.cli.local_views import show_event
from matapalo.cli.talk import say, took
from matapalo.errors import MatapaloError
from matapalo.local.control import order
from matapalo.local.home import Home, open_home
from matapalo.local.logs import open_log
from matapalo.local.run import running
from matapalo.local.system import System

BETWEEN_LOOKS = 0.1
"""Seconds between two looks at a system that is starting."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def foreground(blueprint: Path, environment: str) -> None:
    """Run the system until it is told to stop."""
    began, loop = time.monotonic(), asyncio.get_running_loop()
    work = asyncio.ensure_future(_run(blueprint, environment, began))
    for number in ENDINGS:
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGINT) from None


async def _run(blueprint: Path, environment: str, began: float) -> None:
    async with running(blueprint, environment, show_event) as system:
        for number in ENDINGS:
            asyncio.get_running_loop().add_signal_handler(number, system.stop)
        _tell_where(system, time.monotonic() - began)
        await system.stopped()
        say("ending")
    say("all has ended")


def detached(blueprint: Path, environment: str) -> None:
    """Start the system in a session of its own; return when all is well.

    What it tells goes into a log, and from there to the terminal for as long as we are here.
    """
    load(blueprint, environment)  # a mistake in it is told here, and changes nothing
    home = open_home(blueprint)
    log = home.log("up")
    with os.fdopen(open_log(log), "ab") as output:
        place = output.tell()
        command = ("-m", "matapalo", "up", "--blueprint", str(blueprint), "--env", environment)
        process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        _watch(process, home, log, place)
    except KeyboardInterrupt:
        process.terminate()
        raise


def _watch(process: "subprocess.Popen[bytes]", home: Home, log: Path, place: int) -> None:
    while not _ready(home, process.pid):
        place = _relay(log, place)
        if process.poll() is not None:
            _relay(log, place)
            raise typer.Exit(process.returncode or 1)
        time.sleep(BETWEEN_LOOKS)
    _relay(log, place)


def _tell_where(system: System, seconds: float) -> None:
    say(f"everything runs ({took(seconds)}); the edge is {system.edge_url}")
    say("`matapalo status` and `matapalo logs -f` tell more, `matapalo down` ends it")


def _ready(home: Home, pid: int) -> bool:
    """Whether the system that this process runs is up: another one may hold the folder."""
    try:
        told = asyncio.run(order(home, {"do": "status"}))
    except MatapaloError:
        return False
    return bool(told["pid"] == pid and told["ready"])


def _relay(log: Path, place: int) -> int:
    """Print what was added to a log, and return where it ends now."""
    with log.open("rb") as file:
        file.seek(place)
        sys.stdout.write(file.read().decode(errors="replace"))
        sys.stdout.flush()
        return file.tell()
