"""The state folder, `.matapalo/` beside the blueprint: what is kept where."""

import errno
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from matapalo.errors import FolderUnusable
from matapalo.local.files import PRIVATE_FOLDER

SOCKET_PATH_LIMIT = 100
"""A socket's path may be 107 bytes long on Linux and 103 on macOS."""


@dataclass(frozen=True)
class Home:
    """The paths below one state folder."""

    folder: Path

    @property
    def lock(self) -> Path:
        """Held by `up` while it runs."""
        return self.folder / "lock"

    @property
    def ports(self) -> Path:
        """The port of each process, the same from run to run."""
        return self.folder / "ports.json"

    @property
    def processes(self) -> Path:
        """Every process that was started: its id, and when it began."""
        return self.folder / "processes.json"

    @property
    def secrets(self) -> Path:
        """The generated values."""
        return self.folder / "secrets.json"

    @property
    def token(self) -> Path:
        """What the conductor asks of its callers."""
        return self.folder / "token"

    @property
    def conductor(self) -> Path:
        """Where the conductor answers."""
        return self.folder / "conductor.json"

    @property
    def endpoints(self) -> Path:
        """Where everything answers that the edge sends requests to."""
        return self.folder / "endpoints.json"

    @property
    def databases(self) -> Path:
        """Where the databases are that streams run between, passwords included."""
        return self.folder / "databases.json"

    @property
    def logs(self) -> Path:
        """A log a process."""
        return self.folder / "logs"

    @property
    def edge(self) -> Path:
        """The edge's own files."""
        return self.folder / "edge"

    @property
    def functions(self) -> Path:
        """The environment of each function."""
        return self.folder / "functions"

    @property
    def emulator(self) -> Path:
        """The state of the emulated AWS services."""
        return self.folder / "ministack"

    @property
    def socket(self) -> Path:
        """Where the supervisor takes orders: a short path elsewhere if this one is too long."""
        path = self.folder / "up.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"matapalo-{os.getuid()}-{digest}" / "up.sock"

    def database_server(self, name: str) -> Path:
        """Return the data folder of a PostgreSQL server."""
        return self.folder / "postgres" / name

    def log(self, name: str) -> Path:
        """Return the log of a process."""
        return self.logs / f"{name.replace('/', '.')}.log"

    def function_environment(self, name: str) -> Path:
        """Return the file with a function's whole environment."""
        return self.functions / f"{name.replace('/', '.')}.json"


def open_home(blueprint: Path) -> Home:
    """Make the state folder that belongs to a blueprint, or find it.

    Raises FolderUnusable if it cannot be written.
    """
    home = Home(blueprint.resolve().parent / ".matapalo")
    try:
        for folder in (home.folder, home.logs, home.edge, home.functions, home.emulator):
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        _prove_writable(home.folder)
        for folder in {home.folder, home.socket.parent}:
            _own_folder(folder)
    except OSError as error:
        raise FolderUnusable(
            f"the state folder cannot be written: {error.strerror}",
            where=str(error.filename or home.folder),
            hint="make the folder writable, or move the blueprint to one that is",
        ) from error
    return home


def _prove_writable(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder):
        return


def _own_folder(folder: Path) -> None:
    """Make a folder of our own, and refuse one that somebody else put in its place."""
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "it belongs to somebody else", str(folder))
    folder.chmod(PRIVATE_FOLDER)
