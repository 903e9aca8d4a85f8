"""The monolith and its database: what there is today."""

from typing import Literal

from matapalo.blueprint.part import Name, Part, Seconds, Url
from matapalo.blueprint.route import Path
from matapalo.blueprint.run import Run


class Database(Part):
    """The monolith's database."""

    engine: Literal["postgresql", "mysql", "mariadb"] = "postgresql"
    name: Name
    """The database's name on its server."""
    url: str | None = None
    """Where it is; without one, a local run makes a server of its own."""


class Monolith(Part):
    """The application as it is. It answers at `url`, or `run` starts it on this machine."""

    url: Url | None = None
    """Where it already answers."""
    run: Run | None = None
    """How to start it here."""
    health: Path = "/"
    """A path that answers below 500 when it is well."""
    timeout: Seconds = 30
    """How long a request to it may take."""
    database: Database | None = None
