"""What the blueprint says to run: the monolith, services and functions."""

import json
import sys
from collections.abc import Mapping

from matapalo.blueprint import Function, Monolith, Run, Service
from matapalo.blueprint.secret import EnvValue
from matapalo.blueprint.targets import Targets
from matapalo.local.identity import MARK
from matapalo.local.postgres import dsn
from matapalo.local.spec import Command, HttpHealth, PrivateFile, ProcessSpec
from matapalo.local.topology import tables
from matapalo.local.topology.scene import Scene

MONOLITH_GRACE = 30.0
MONOLITH_ROLE = "monolith"


def monolith(scene: Scene, run: Run) -> ProcessSpec:
    """Return the monolith, started by `run`."""
    the = scene.blueprint.monolith
    variables = _given(scene, "monolith", ()) | _database(scene)
    return ProcessSpec(
        name="monolith",
        command=_command(scene, run, variables),
        port=scene.ports["monolith"],
        health=HttpHealth(scene.url("monolith") + the.health),
        after=frozenset({"monolith-db"} & scene.ports.keys()),
        before=_prepare(scene, run, variables),
        grace=MONOLITH_GRACE,
        rolls=True,
    )


def service(scene: Scene, name: str, the: Service, run: Run) -> ProcessSpec:
    """Return a service, started by `run`."""
    uses = _full_names(scene, name, the.uses)
    variables = _given(scene, name, uses) | _values(scene, the.env)
    return ProcessSpec(
        name=name,
        command=_command(scene, run, variables),
        port=scene.ports[name],
        health=HttpHealth(scene.url(name) + the.health, below=400),
        after=_needs(scene, uses),
        before=_prepare(scene, run, variables),
        grace=the.timeout,
        rolls=the.port is None,
    )


def function(scene: Scene, name: str, the: Function) -> ProcessSpec:
    """Return the host of a function; a private file brings it the function's own environment."""
    file = scene.home.function_environment(name)
    uses = _full_names(scene, name, the.uses)
    reached = _reached(scene, uses)
    own = reached | _values(scene, the.env) | {MARK: str(scene.home.folder)}
    return ProcessSpec(
        name=name,
        command=scene.own(
            "function", name, "--blueprint", str(scene.file), "--env", scene.environment,
            "--port", str(scene.ports[name]), "--env-file", str(file),
        ),
        port=scene.ports[name],
        health=HttpHealth(scene.url(name) + "/.matapalo/health", below=400),
        after=_needs(scene, uses) - {"aws", "monolith"},
        before=(PrivateFile(file, json.dumps(own, sort_keys=True)),),
        grace=the.timeout + 5,
        rolls=True,
    )  # fmt: skip


def _command(scene: Scene, run: Run, variables: Mapping[str, str]) -> Command:
    return _words(scene, run, run.command, variables)


def _prepare(scene: Scene, run: Run, variables: Mapping[str, str]) -> tuple[Command, ...]:
    return (_words(scene, run, run.prepare, variables),) if run.prepare else ()


def _words(scene: Scene, run: Run, words: tuple[str, ...], variables: Mapping[str, str]) -> Command:
    program = sys.executable if words[0] == "python" else words[0]
    env = scene.env({**variables, **_values(scene, run.env)})
    return Command((program, *words[1:]), scene.folder / run.folder, env)


def _values(scene: Scene, env: Mapping[str, EnvValue]) -> dict[str, str]:
    return {name: scene.value(value) for name, value in env.items()}


def _given(scene: Scene, name: str, uses: tuple[str, ...]) -> dict[str, str]:
    """Where to listen, where those are that it uses, and where AWS is."""
    return {"PORT": str(scene.ports[name]), **_reached(scene, uses)}


def _reached(scene: Scene, uses: tuple[str, ...]) -> dict[str, str]:
    urls = {_variable(use): url for use in uses if (url := _url(scene, use))}
    return urls | _aws(scene)


def _full_names(scene: Scene, name: str, uses: tuple[str, ...]) -> tuple[str, ...]:
    """Return whom a service or function uses; of its own product it may say the last name alone."""
    targets, product = Targets(scene.blueprint), name.partition("/")[0]
    found = (targets.find(use, product) for use in uses)
    return tuple(target.name for target in found if target)


def _variable(use: str) -> str:
    return use.rpartition("/")[2].upper().replace("-", "_") + "_URL"


def _url(scene: Scene, use: str) -> str | None:
    """Return where something is that answers HTTP or SQL; None for other stores, or a topic."""
    if use in tables.aurora_stores(scene.blueprint):
        return tables.url(scene, use)
    known: dict[str, Monolith | Service] = {
        "monolith": scene.blueprint.monolith, **scene.blueprint.services()
    }  # fmt: skip
    if use in known and (elsewhere := known[use].url):
        return elsewhere
    return scene.url(use) if use in scene.ports else None


def _aws(scene: Scene) -> dict[str, str]:
    if not (aws := scene.aws):
        return {}
    return {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_REGION": aws.region,
        "AWS_DEFAULT_REGION": aws.region,
        "AWS_ACCESS_KEY_ID": aws.key_id,
        "AWS_SECRET_ACCESS_KEY": aws.key,
    }


def _database(scene: Scene) -> dict[str, str]:
    database = scene.blueprint.monolith.database
    if database is None:
        return {}
    if database.url:
        return {"DATABASE_URL": database.url}
    password = scene.secrets["local/monolith"]
    return {"DATABASE_URL": dsn(scene.ports["monolith-db"], MONOLITH_ROLE, password, database.name)}


def _needs(scene: Scene, uses: tuple[str, ...]) -> frozenset[str]:
    """Services do not wait for each other: they may use one another in a circle."""
    stores = {"ledger"} if {*uses} & {*tables.aurora_stores(scene.blueprint)} else set()
    needed = {"aws", *stores, *(use for use in uses if use == "monolith")}
    return frozenset(needed & scene.ports.keys())
