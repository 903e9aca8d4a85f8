"""Small real processes to supervise, and what a supervisor needs to run them."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from matapalo.local.home import Home, open_home
from matapalo.local.identity import MARK
from matapalo.local.keeper import Event, Keeper
from matapalo.local.launcher import Launcher
from matapalo.local.ports import free_port
from matapalo.local.secrets import Secrets
from matapalo.local.spec import Command, HttpHealth, ProcessSpec
from matapalo.local.supervisor import Supervisor

SERVER = Path(__file__).with_name("server.py")


def home_in(folder: Path) -> Home:
    """Make a state folder."""
    return open_home(folder / "matapalo.yaml")


def server(home: Home, name: str, *options: str, port: int = 0, **changes: Any) -> ProcessSpec:
    """Return a process that answers HTTP; see server.py for its options."""
    port = port or free_port()
    command = (sys.executable, "-S", str(SERVER), str(port), *options)
    return ProcessSpec(
        name=name,
        command=Command(command, home.folder, ((MARK, str(home.folder)),)),
        port=port,
        health=HttpHealth(f"http://127.0.0.1:{port}/"),
        **{"patience": 20.0, "grace": 5.0, **changes},
    )


def at_port(spec: ProcessSpec, port: int) -> ProcessSpec:
    """Return the same process at another port."""
    words = (*spec.command.words[:3], str(port), *spec.command.words[4:])
    return replace(
        spec,
        command=replace(spec.command, words=words),
        port=port,
        health=HttpHealth(f"http://127.0.0.1:{port}/"),
    )


class Stage:
    """A supervisor over small processes, with everything that it told."""

    def __init__(self, home: Home, specs: Iterable[ProcessSpec], secrets: Secrets | None = None):
        self.home = home
        self.told: list[Event] = []
        launcher = Launcher(home, secrets or Secrets({}))
        self.supervisor = Supervisor(specs, launcher, self.told.append)

    async def __aenter__(self) -> "Stage":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.supervisor.stop()

    def keeper(self, name: str) -> Keeper:
        return self.supervisor.keeper(name)

    def texts(self, name: str) -> list[str]:
        return [event.text for event in self.told if event.name == name]
