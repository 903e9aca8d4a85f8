"""Products: a business area with its services and functions; a Kubernetes namespace of its own."""

from pydantic import Field

from matapalo.blueprint.part import Name, Part, Port, Seconds, Url
from matapalo.blueprint.route import Path, Route
from matapalo.blueprint.run import Run
from matapalo.blueprint.secret import EnvValue


class Service(Part):
    """A process that answers HTTP. It answers at `url`, or `run` starts it on this machine."""

    url: Url | None = None
    run: Run | None = None
    port: Port | None = None
    health: Path = "/health"
    timeout: Seconds = 30
    routes: tuple[Route, ...] = ()
    """Routes that it alone answers: new ones, that the monolith never had."""
    uses: tuple[str, ...] = ()
    """Whom it calls: `monolith`, a store, a topic, `product/service`."""


class Function(Part):
    """A Lambda function behind HTTP: it takes API Gateway v2 events."""

    code: str
    """The folder of its code, relative to the blueprint."""
    handler: str
    """`module.function`."""
    timeout: Seconds = 3
    memory: int = Field(default=128, ge=128, le=10_240)
    """MiB."""
    concurrency: int = Field(default=10, ge=1, le=1000)
    """How many may run at once; more are throttled (429)."""
    env: dict[str, EnvValue] = {}
    routes: tuple[Route, ...] = ()
    uses: tuple[str, ...] = ()


class Product(Part):
    """A business area."""

    services: dict[Name, Service] = {}
    functions: dict[Name, Function] = {}
