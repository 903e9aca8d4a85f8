"""What the system itself consists of: its databases, the AWS emulator, and its own subcommands."""

import signal
from dataclasses import replace

from matapalo.blueprint import Database, Introspection
from matapalo.errors import StartFailed
from matapalo.local import postgres
from matapalo.local.spec import (
    Command,
    DatabaseHealth,
    HttpHealth,
    NewDatabase,
    NewServer,
    ProcessSpec,
    SecretsKept,
    SiteUploaded,
    TcpHealth,
)
from matapalo.local.topology import tables
from matapalo.local.topology.runs import MONOLITH_ROLE
from matapalo.local.topology.scene import Scene
from matapalo.local.topology.tables import LEDGER_DATABASE

DATABASE_GRACE = 30.0
SAVING_GRACE = 60.0


def ledger(scene: Scene) -> ProcessSpec:
    """Return the server that stands in for Aurora; the conductor's ledger is in it."""
    spec = _database_server(scene, "ledger", LEDGER_DATABASE, LEDGER_DATABASE, "local/matapalo")
    return replace(spec, then=(*spec.then, *tables.new_databases(scene, _admin(scene, "ledger"))))


def monolith_database(scene: Scene, database: Database) -> ProcessSpec:
    """Return the server of the monolith's database. Raises StartFailed if it is no PostgreSQL."""
    if database.engine != "postgresql":
        raise StartFailed(
            f"no {database.engine} server can be started here, only PostgreSQL",
            where="monolith.database",
            hint="name a server that runs already, by `url`",
        )
    return _database_server(scene, "monolith-db", database.name, MONOLITH_ROLE, "local/monolith")


def aws(scene: Scene) -> ProcessSpec:
    """Return the emulator of AWS services, with secrets and site put into it."""
    b, the = scene.blueprint, scene.emulator
    kept = SecretsKept(the, tuple((f"{b.name}/{name}", scene.secrets[name]) for name in b.secrets))
    site = SiteUploaded(the, bucket_name(scene), scene.folder / b.site.folder) if b.site else None
    return ProcessSpec(
        name="aws",
        command=scene.own(
            "aws", "--folder", str(scene.home.emulator), "--port", str(scene.ports["aws"]),
            "--region", the.region, *(("--public", bucket_name(scene)) if b.site else ()),
            env={"AWS_ACCESS_KEY_ID": the.key_id, "AWS_SECRET_ACCESS_KEY": the.key},
        ),
        port=scene.ports["aws"],
        health=HttpHealth(the.endpoint + "/_ministack/health", below=400),
        then=tuple(action for action in (kept if b.secrets else None, site) if action),
        grace=SAVING_GRACE,
    )  # fmt: skip


def conductor(scene: Scene) -> ProcessSpec:
    """Return the conductor."""
    url = postgres.dsn(
        scene.ports["ledger"], LEDGER_DATABASE, scene.secrets["local/matapalo"], LEDGER_DATABASE
    )
    moves = tables.moving(scene.blueprint)
    return ProcessSpec(
        name="conductor",
        command=scene.own(
            "conduct", "--blueprint", str(scene.file), "--env", scene.environment,
            "--port", str(scene.ports["conductor"]), "--token-file", str(scene.home.token),
            *(("--databases", str(scene.home.databases)) if moves else ()),
            env={"MATAPALO_LEDGER_URL": url},
        ),
        port=scene.ports["conductor"],
        health=HttpHealth(scene.url("conductor") + "/health", below=400),
        after=frozenset({"ledger"}),
        before=(tables.where(scene),) if moves else (),
    )  # fmt: skip


def comparison(scene: Scene) -> ProcessSpec:
    """Return the process that holds the new side's answers against the monolith's."""
    return ProcessSpec(
        name="comparison",
        command=scene.own(
            "compare", "--blueprint", str(scene.file), "--env", scene.environment,
            "--endpoints", str(scene.home.endpoints), "--port", str(scene.ports["comparison"]),
            "--conductor", scene.url("conductor"), "--token-file", str(scene.home.token),
        ),
        port=scene.ports["comparison"],
        health=TcpHealth(scene.ports["comparison"]),
    )  # fmt: skip


def authorizer(scene: Scene) -> ProcessSpec:
    """Return the process that asks the existing security system."""
    security = scene.blueprint.security
    login = security.login if security else None
    secret = login.client_secret if isinstance(login, Introspection) else None
    return ProcessSpec(
        name="authorizer",
        command=scene.own(
            "authorize", "--blueprint", str(scene.file), "--env", scene.environment,
            "--endpoints", str(scene.home.endpoints), "--port", str(scene.ports["authorizer"]),
            env={"MATAPALO_LOGIN_SECRET": scene.value(secret)} if secret else None,
        ),
        port=scene.ports["authorizer"],
        health=HttpHealth(scene.url("authorizer") + "/health", below=400),
    )  # fmt: skip


def edge(scene: Scene) -> ProcessSpec:
    """Return the edge: an agent, and the Envoy that it starts."""
    return ProcessSpec(
        name="edge",
        command=scene.own(
            "edge", "--blueprint", str(scene.file), "--env", scene.environment,
            "--endpoints", str(scene.home.endpoints), "--folder", str(scene.home.edge),
            "--port", str(scene.ports["edge"]), "--conductor", scene.url("conductor"),
            "--token-file", str(scene.home.token), "--name", "edge-1",
        ),
        port=scene.ports["edge"],
        health=TcpHealth(scene.ports["edge"]),
        after=frozenset({"conductor"}),
        grace=scene.blueprint.edge.drain + 10,
        leaves_heirs=True,
    )  # fmt: skip


def bucket_name(scene: Scene) -> str:
    """Return the name of the bucket that keeps the site."""
    return f"{scene.blueprint.name}-site"


def _database_server(scene: Scene, name: str, database: str, role: str, secret: str) -> ProcessSpec:
    data, port = scene.home.database_server(name), scene.ports[name]
    password, admin = scene.secrets[f"local/{name}"], _admin(scene, name)
    return ProcessSpec(
        name=name,
        command=Command(postgres.server_command(data, port), scene.home.folder, scene.env({})),
        port=port,
        health=DatabaseHealth(admin),
        before=(NewServer(data, password, scene.env({})),),
        then=(NewDatabase(admin, database, role, scene.secrets[secret]),),
        stop=signal.SIGINT,
        grace=DATABASE_GRACE,
    )


def _admin(scene: Scene, name: str) -> str:
    password = scene.secrets[f"local/{name}"]
    return postgres.dsn(scene.ports[name], postgres.ADMIN, password, postgres.ADMIN)
