"""A small system that has a process of every kind, and how to call the command line on it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from matapalo.local.home import Home
from matapalo.local.identity import marked

SERVER = Path(__file__).with_name("server.py")

BLUEPRINT = """
name: shop
monolith:
  run:
    command: [python, {server}, PORT, linger]
  database:
    name: shop
security:
  login:
    kind: introspection
    client_id: edge
    client_secret: {{secret: login}}
  public:
    - /
secrets:
  login: {{}}
edge:
  limits:
    rate: null
site:
  folder: site
  path: /app
products:
  sales:
    services:
      prices:
        run:
          command: [python, {server}, PORT, linger]
        health: /health
        routes:
          - /prices
        uses: [monolith]
    functions:
      tax:
        code: tax
        handler: tax.handle
        routes:
          - /tax
        uses: [monolith]
"""

FUNCTION = """
import os
def handle(event, context):
    return {"pid": os.getpid()}
"""


def shop(folder: Path, server: Path = SERVER) -> Path:
    """Write the system into a folder; return the blueprint's file."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<h1>shop</h1>")
    (folder / "tax").mkdir()
    (folder / "tax" / "tax.py").write_text(FUNCTION)
    file = folder / "matapalo.yaml"
    file.write_text(BLUEPRINT.format(server=server))
    return file


def small(folder: Path, monolith: str, rest: str = "") -> Path:
    """Write the smallest blueprint there is: a monolith that runs elsewhere."""
    file = folder / "matapalo.yaml"
    file.write_text(f"name: small\nmonolith:\n  url: {monolith}\n{rest}")
    return file


def home_of(file: Path) -> Home:
    return Home(file.parent / ".matapalo")


def matapalo(file: Path, *words: str, status: int = 0) -> str:
    """Call the command line to its end, and return what it printed."""
    called = subprocess.run(
        [sys.executable, "-m", "matapalo", *words, "--blueprint", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert called.returncode == status, called.stdout + called.stderr
    return called.stdout + called.stderr


def start_up(file: Path) -> "subprocess.Popen[str]":
    """Call `matapalo up` in the foreground, and return when everything runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "matapalo", "up", "--blueprint", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    said = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("everything runs"):
            return process
    process.wait()
    raise AssertionError("".join(said))


def end(process: "subprocess.Popen[str]", how: signal.Signals = signal.SIGINT) -> str:
    """End `up` with a signal, and return what it still said."""
    process.send_signal(how)
    said, _ = process.communicate(timeout=120)
    return said


def ports(file: Path) -> dict[str, int]:
    return dict(json.loads(home_of(file).ports.read_text()))


def secrets(file: Path) -> dict[str, str]:
    return dict(json.loads(home_of(file).secrets.read_text()))


def status(file: Path) -> dict[str, Any]:
    return dict(json.loads(matapalo(file, "status", "--json")))


def names(file: Path) -> list[str]:
    """Return the name of every program that runs of a system."""
    found = []
    for process in marked(str(home_of(file).folder)):
        with suppress(psutil.NoSuchProcess):
            found.append(process.name())
    return found
