"""`matapalo up | down | status | logs | restart`: the system on this machine."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, BlueprintFile, Environment, Json, home_of
from matapalo.cli.talk import say, say_json, took

if TYPE_CHECKING:
    from matapalo.local.home import Home

Names = Annotated[list[str] | None, typer.Argument(help="Processes; all of them if none is named.")]


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    for verb in (up, down, status, logs, restart):
        app.command()(verb)


def up(
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    env: Environment = LOCAL,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when all is well, and leave it running.")
    ] = False,
) -> None:
    """Start the system on this machine and keep it running until Ctrl-C or `matapalo down`."""
    from matapalo.cli.up import detached, foreground

    if detach:
        detached(blueprint, env)
    else:
        asyncio.run(foreground(blueprint, env))


def down(*, blueprint: BlueprintFile = BLUEPRINT) -> None:
    """End the system on this machine, and whatever a killed `up` left. What it stored stays."""
    from matapalo.local.ending import end_system

    began = time.monotonic()
    count = asyncio.run(end_system(_home(blueprint)))
    say(f"ended {count} processes ({took(time.monotonic() - began)})" if count else "nothing ran")


def status(*, blueprint: BlueprintFile = BLUEPRINT, as_json: Json = False) -> None:
    """Tell how each process is. Exit status 1 if nothing runs."""
    from matapalo.cli.local_views import show_status
    from matapalo.local.control import order

    told = asyncio.run(order(_home(blueprint), {"do": "status"}))
    if as_json:
        say_json(told)
    else:
        show_status(told)


def restart(name: str, *, blueprint: BlueprintFile = BLUEPRINT) -> None:
    """Restart one process; services, functions and the monolith without a failed request."""
    from matapalo.cli.local_views import show_event
    from matapalo.local.control import order

    began = time.monotonic()
    asyncio.run(order(_home(blueprint), {"do": "restart", "name": name}, show_event))
    say(f"{name} is restarted ({took(time.monotonic() - began)})")


def logs(
    names: Names = None,
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="How many to begin with.")
    ] = 50,
) -> None:
    """Show what the processes wrote, all in the order of time."""
    from matapalo.cli.local_views import show_logs

    show_logs(_home(blueprint), names or [], lines, follow=follow)


def _home(blueprint: Path) -> "Home":
    from matapalo.local.home import Home

    return Home(home_of(blueprint))
