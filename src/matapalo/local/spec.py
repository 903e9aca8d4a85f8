"""What a process of the system is, as a value: decided before anything is started."""

import signal
from dataclasses import dataclass, field
from pathlib import Path

Environment = tuple[tuple[str, str], ...]
"""Variables and their values, sorted by name."""


@dataclass(frozen=True)
class HttpHealth:
    """Healthy when a GET of the URL is answered with a status below `below`."""

    url: str
    below: int = 500


@dataclass(frozen=True)
class TcpHealth:
    """Healthy when the port takes a connection."""

    port: int


@dataclass(frozen=True)
class DatabaseHealth:
    """Healthy when the PostgreSQL server takes a login."""

    dsn: str = field(repr=False)


@dataclass(frozen=True)
class WhileRunning:
    """Healthy as long as it runs: it listens nowhere."""


Health = HttpHealth | TcpHealth | DatabaseHealth | WhileRunning


@dataclass(frozen=True)
class Command:
    """A program and what it is given; no shell reads it."""

    words: tuple[str, ...]
    folder: Path
    env: Environment = field(repr=False)


@dataclass(frozen=True)
class NewServer:
    """Make a PostgreSQL server's data folder, where there is none."""

    data: Path
    password: str = field(repr=False)
    env: Environment = field(repr=False)


@dataclass(frozen=True)
class NewDatabase:
    """Make a role and a database that it owns, where there are none."""

    admin: str = field(repr=False)
    """The DSN of the server's administrator."""
    name: str
    role: str
    password: str = field(repr=False)
    shared: tuple[str, ...] = ()
    """The schemas in which the role may use what the administrator makes, as streams do."""


@dataclass(frozen=True)
class PrivateFile:
    """Write a file for its owner's eyes."""

    path: Path
    text: str = field(repr=False)


@dataclass(frozen=True)
class Aws:
    """Where the emulated AWS services are, and who we are to them."""

    endpoint: str
    region: str
    key_id: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True)
class SecretsKept:
    """Put values into Secrets Manager."""

    aws: Aws
    values: Environment = field(repr=False)


@dataclass(frozen=True)
class SiteUploaded:
    """Put a folder's files into a bucket: those that changed, and no others stay there."""

    aws: Aws
    bucket: str
    folder: Path


Action = Command | NewServer | NewDatabase | PrivateFile | SecretsKept | SiteUploaded
"""Something done before or after a process starts. All of them may be done again."""


@dataclass(frozen=True)
class ProcessSpec:
    """One process: how it starts, when it is well, and how it ends."""

    name: str
    command: Command
    port: int
    """0 where it listens nowhere."""
    health: Health
    after: frozenset[str] = frozenset()
    """Those that must be well before it starts."""
    before: tuple[Action, ...] = ()
    """What is done before every start."""
    then: tuple[Action, ...] = ()
    """What is done once it is healthy and before others rely on it."""
    stop: signal.Signals = signal.SIGTERM
    grace: float = 10
    """How long it may take to end, in seconds, before it is killed."""
    patience: float = 60
    """How long it may take to become healthy, in seconds."""
    rolls: bool = False
    """A restart starts the new one beside the old one, at another port."""
    leaves_heirs: bool = False
    """What it started goes on when it dies; the next one takes it over (an agent and its Envoy)."""

    @property
    def place(self) -> str:
        """Where it listens, for people."""
        return f" at port {self.port}" if self.port else ""
