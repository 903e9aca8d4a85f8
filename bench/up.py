"""How long from `matapalo up` to the first request served.

    python bench/up.py [--rounds N]

Two systems, each cold (nothing there: databases, secrets and the seed are made) and warm (there
from an earlier run): the smallest one, for a monolith that already runs, and the example wallet.
Beside them in the same rounds: a bare PostgreSQL, made and started up to its first answer, and the
same with no more than its start. The ratio says what all the rest costs.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from matapalo.local import unprivileged
from matapalo.local.ports import free_port
from matapalo.local.postgres import binary

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "bench" / "results" / "up.json"
GOAL = 10.0
GIVEN_UP = 120.0
MATAPALO = (sys.executable, "-m", "matapalo")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, {load:.1f} processes wanting them before this began")
    with tempfile.TemporaryDirectory(prefix="matapalo-bench-") as folder, _monolith() as url:
        Path(folder).chmod(0o711)
        seen = _measure(Path(folder), url, rounds)
    result = {name: _summary(values) for name, values in seen.items()}
    _print(result)
    RESULT.parent.mkdir(exist_ok=True)
    machine = {"machine": platform.platform(), "cores": os.cpu_count(), "load": load}
    RESULT.write_text(json.dumps({**machine, "rounds": rounds, "seconds": result}, indent=2) + "\n")


def _measure(folder: Path, url: str, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Take turns, so that whatever else the machine does meets all of them."""
    small, wallet = _small(folder / "small", url), _wallet(folder / "wallet")
    turns: dict[str, Callable[[], dict[str, float]]] = {
        "postgres cold": lambda: _postgres(folder / "pg", cold=True),
        "postgres warm": lambda: _postgres(folder / "pg", cold=False),
        "small cold": lambda: _up(small, "/", cold=True),
        "small warm": lambda: _up(small, "/", cold=False),
        "wallet cold": lambda: _up(wallet, "/health", cold=True),
        "wallet warm": lambda: _up(wallet, "/health", cold=False),
    }
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, measure in turns.items():
            seen[name].append(measure())
    return seen


def _up(blueprint: Path, path: str, *, cold: bool) -> dict[str, float]:
    """Start a system; return seconds to the first request served, and for each process."""
    home = blueprint.parent / ".matapalo"
    if cold:
        shutil.rmtree(home, ignore_errors=True)
    command = (*MATAPALO, "up", "--blueprint", str(blueprint))
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        port = _until(lambda: json.loads((home / "ports.json").read_text())["edge"], process)
        _until(lambda: _served(f"http://127.0.0.1:{port}{path}"), process)
        seconds = {"total": time.monotonic() - began}
        told = _until(lambda: _ready(blueprint), process)
        process.send_signal(signal.SIGINT)
    return seconds | {p["name"]: p["took"] for p in told["processes"]}


def _postgres(folder: Path, *, cold: bool) -> dict[str, float]:
    """Make and start a bare server as PostgreSQL's own programs do it."""
    data, port = folder / "data", free_port()
    as_user = (sys.executable, "-I", "-S", str(unprivileged.__file__)) if os.geteuid() == 0 else ()
    if cold:
        shutil.rmtree(folder, ignore_errors=True)
        data.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(data, unprivileged.USER)
    began = time.monotonic()
    if cold:
        initdb = (*as_user, binary("initdb"), "-D", data, "-U", "postgres", "-A", "trust")
        subprocess.run(initdb, check=True, capture_output=True)
    server = (*as_user, binary("postgres"), "-D", data, "-p", str(port), "-k", "")
    with subprocess.Popen(server, stderr=subprocess.DEVNULL) as process:
        dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        _until(lambda: psycopg.connect(dsn).execute("SELECT 1"), process)
        seconds = time.monotonic() - began
        process.send_signal(signal.SIGINT)
    return {"total": seconds}


def _until(condition: Callable[[], Any], process: "subprocess.Popen[bytes]") -> Any:
    """Ask until there is an answer."""
    deadline = time.monotonic() + GIVEN_UP
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if answer := condition():
                return answer
        except (OSError, ValueError, psycopg.OperationalError):
            time.sleep(0.01)
    raise SystemExit(f"it did not come up: {process.args!r}")


def _served(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status)
    except urllib.error.HTTPError as error:
        raise OSError(error.code) from error


def _ready(blueprint: Path) -> Any:
    command = (*MATAPALO, "status", "--json", "--blueprint", str(blueprint))
    told = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
    return told if told["ready"] else None


@contextmanager
def _monolith() -> Iterator[str]:
    """Run a server that is no part of the system."""
    port = str(free_port())
    command = (sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1")
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, cwd="/", stdout=silent, stderr=silent) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def _small(folder: Path, url: str) -> Path:
    folder.mkdir()
    (folder / "matapalo.yaml").write_text(f"name: small\nmonolith:\n  url: {url}\n")
    return folder / "matapalo.yaml"


def _wallet(folder: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "wallet", folder, ignore=lambda *_: [".matapalo"])
    return folder / "matapalo.yaml"


def _summary(values: list[dict[str, float]]) -> dict[str, float]:
    names = values[0]
    return {name: round(statistics.median(v[name] for v in values), 3) for name in names}


def _print(result: dict[str, dict[str, float]]) -> None:
    for name, seconds in result.items():
        kind = name.split()[1]
        ratio = seconds["total"] / result[f"postgres {kind}"]["total"]
        print(f"{name:14} {seconds['total']:6.2f} s   {ratio:5.1f} x bare PostgreSQL {kind}")
        if len(seconds) > 1:
            parts = sorted(seconds.items(), key=lambda item: -item[1])
            print("   " + ", ".join(f"{n} {s:.2f}" for n, s in parts if n != "total"))
    for name in ("wallet cold", "wallet warm"):
        total = result[name]["total"]
        print(f"goal: {name} < {GOAL:.0f} s: {'met' if total < GOAL else 'MISSED'} ({total:.2f} s)")


if __name__ == "__main__":
    main()
