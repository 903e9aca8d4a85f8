"""Products: a business area with its services and functions; a Kubernetes namespace of its own."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from matapalo.blueprint.named import Reference
from matapalo.blueprint.part import Name, Part, Port, Seconds, Url, matching
from matapalo.blueprint.route import Path, Route
from matapalo.blueprint.run import Run
from matapalo.blueprint.secret import EnvValue
from matapalo.blueprint.store import Store, StoreKind

_HANDLER = r"^[A-Za-z_][A-Za-z0-9_/]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"

Handler = Annotated[
    str,
    AfterValidator(matching(_HANDLER, "a handler is written `module.function`")),
    Field(json_schema_extra={"pattern": _HANDLER, "x-word": "`module.function`"}),
]
"""Where the code of a function begins."""


class Service(Part):
    """A process that answers HTTP. It answers at `url`, or `run` starts it on this machine."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    url: Url | None = None
    """Where it already answers."""
    run: Run | None = None
    """How to start it on this machine."""
    image: str | None = None
    """Its container image on Kubernetes, where it is built elsewhere."""
    code: str | None = None
    """The folder that its image is built from: it holds a Dockerfile. Relative to the blueprint."""
    port: Port | None = None
    """The port that it listens on; a free one on this machine, and 8080 on Kubernetes."""
    health: Path = "/health"
    """A path that answers 200 when it can take requests."""
    timeout: Seconds = 30
    """How long a request to it may take."""
    replicas: int | None = Field(default=None, ge=1, le=100)
    """How many run at least; the environment's `sizes.replicas` where not given."""
    max_replicas: int = Field(default=10, ge=1, le=1000)
    """How many run at most."""
    cpu: float = Field(default=0.25, gt=0, le=64)
    """The cores that one replica asks for."""
    memory: int = Field(default=512, ge=32, le=262_144)
    """The memory of one replica, in MiB."""
    env: dict[str, EnvValue] = {}
    """Its environment wherever it runs; what `run.env` says holds on this machine."""
    routes: tuple[Route, ...] = ()
    """Routes that it alone answers: new ones, that the monolith never had."""
    uses: tuple[Reference, ...] = ()
    """Whom it calls: `monolith`, `product/service`, a store, a topic, a queue, the `bus`, or a
    system of `network.restrictions`. A service, function or store of its own product needs no
    `product/` before it."""


class Function(Part):
    """A Lambda function behind HTTP: it takes API Gateway v2 events."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    code: str
    """The folder of its code, relative to the blueprint."""
    handler: Handler
    """Where its code begins."""
    runtime: Literal["python3.11", "python3.12", "python3.13"] = "python3.13"
    """What runs it on AWS; on this machine, the Python that runs Matapalo."""
    timeout: Seconds = Field(default=3, le=900)
    """How long one call may take, in seconds."""
    memory: int = Field(default=128, ge=128, le=10_240)
    """In MiB; AWS gives it a share of a core with it."""
    concurrency: int = Field(default=10, ge=1, le=1000)
    """How many may run at once; more are throttled (429)."""
    env: dict[str, EnvValue] = {}
    """Its environment; on AWS too it finds the value of a secret there."""
    routes: tuple[Route, ...] = ()
    """Routes that it alone answers: new ones, that the monolith never had."""
    uses: tuple[Reference, ...] = ()
    """Whom it calls, as a service does."""


class Quota(Part):
    """The most that a product's namespace may take of the cluster."""

    cpu: float = Field(default=16, gt=0)
    """Cores."""
    memory: int = Field(default=32_768, gt=0)
    """MiB."""
    pods: int = Field(default=100, ge=1)
    """How many may run."""


class Product(Part):
    """A business area: a Kubernetes namespace and a Terraform root of its own."""

    description: str = ""
    """What it is, for people."""
    team: str | None = None
    """Who answers for it: a group of the directory, who may work in its namespace."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    quota: Quota | None = None
    services: dict[Name, Service] = {}
    """Processes that answer HTTP, by name."""
    functions: dict[Name, Function] = {}
    """Lambda functions, by name."""
    stores: dict[Name, Store] = {}
    """Where its data is kept, by name. Other products call its services instead."""
    released: dict[Name, StoreKind] = {}
    """Stores that it no longer has, and what they were: Terraform lets go of them, and they stay as
    they are. A store that is neither here nor in `stores` any more is an error of the next plan."""
