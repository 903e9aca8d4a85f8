"""The whole wallet, running: a copy of its own, with its own state and ports."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

WALLET = Path(__file__).parents[2] / "examples" / "wallet"


def copy_to(folder: Path) -> Path:
    """Copy the example, and return its blueprint."""
    place = folder / "wallet"
    shutil.copytree(WALLET, place, ignore=shutil.ignore_patterns(".matapalo", "__pycache__"))
    return place / "matapalo.yaml"


def matapalo(
    blueprint: Path, *words: str, timeout: float = 240
) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a person would."""
    verb, *rest = words
    return subprocess.run(
        [sys.executable, "-m", "matapalo", verb, "--blueprint", str(blueprint), *rest],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


async def told(blueprint: Path, *words: str) -> Any:
    """Run a verb that prints JSON, and return what it says."""
    done = await asyncio.to_thread(matapalo, blueprint, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
