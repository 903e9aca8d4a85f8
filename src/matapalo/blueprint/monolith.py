"""The monolith and its database: what there is today."""

from typing import Literal

from matapalo.blueprint.named import LinkName, Reference
from matapalo.blueprint.part import Name, Part, Seconds, Url
from matapalo.blueprint.route import Path, Route
from matapalo.blueprint.run import Run
from matapalo.blueprint.secret import SecretRef


class Database(Part):
    """The monolith's database."""

    engine: Literal["postgresql", "mysql", "mariadb"] = "postgresql"
    """What it is."""
    name: Name
    """The database's name on its server."""
    url: str | None = None
    """Where it is; without one, a local run makes a server of its own."""
    password: SecretRef | None = None
    """The password that belongs to the user in `url`."""


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
    routes: tuple[Route, ...] = ()
    """What it answers where the site begins at `/`; else, all that nobody else claims."""
    uses: tuple[Reference, ...] = ()
    """Systems outside that it calls, of `network.restrictions`."""
    link: LinkName | None = None
    """The link by which AWS reaches it, of `network.links`; the internet where none is named."""
    database: Database | None = None
    """The database that it keeps its data in."""
