"""Fixtures: Terraform, the emulators, and the wallet rendered."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matapalo.blueprint import load
from matapalo.cloud import System, policy_files, render, system_of
from matapalo.cloud.writing import write
from tests.cloud.terraform import Emulators, Terraform, ready
from tests.support import free_port

REPOSITORY = Path(__file__).parents[2]
WALLET = REPOSITORY / "examples/wallet/matapalo.yaml"


def system_from(path: Path) -> System:
    """Return the system of a blueprint, as `matapalo render` reads it."""
    names = [name for name in load(path, environ={}).environments if name != "local"]
    blueprints = {name: load(path, name, environ={}) for name in names}
    texts = {name: (path.parent / name).read_text() for name in policy_files(blueprints)}
    return system_of(blueprints, texts)


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform, with the mirror of its provider."""
    return ready(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def wallet() -> System:
    """The example as AWS gets it."""
    return system_from(WALLET)


@pytest.fixture
def aws(wallet: System, tmp_path: Path) -> Path:
    """The wallet, rendered into a directory."""
    out = tmp_path / "aws"
    write(out, render(wallet))
    return out


@pytest.fixture
def emulators(tmp_path: Path) -> Iterator[Emulators]:
    """Both emulators, empty."""
    with started(tmp_path) as both:
        yield both


@contextmanager
def started(folder: Path) -> Iterator[Emulators]:
    """Have both emulators for a while; what they keep is in a folder."""
    ministack, moto = free_port(), free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    kept = folder / "ministack"
    kept.mkdir()
    running = [
        _start(environment, "matapalo", "aws", "--folder", str(kept), "--port", str(ministack)),
        _start(environment, "tests.cloud.moto_server", str(moto)),
    ]
    try:
        _answers(f"http://127.0.0.1:{ministack}/_ministack/health", running[0])
        _answers(f"http://127.0.0.1:{moto}/moto-api/", running[1])
        yield Emulators(f"http://127.0.0.1:{ministack}", f"http://127.0.0.1:{moto}")
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=30)


def _start(environment: dict[str, str], *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, f"what was to answer at {url} ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)
