"""Where the streams' databases are: a private file, written before a process starts.

Passwords come as variables from Secrets Manager; the file is in memory, and goes with the pod.
"""

import json
from collections.abc import Iterator

from matapalo.blueprint.relations import store_of
from matapalo.cloud.kubernetes import secrets
from matapalo.cloud.kubernetes.yaml import Object
from matapalo.cloud.roots import own
from matapalo.cloud.roots.images import OWN, repository
from matapalo.cloud.scene import Scene

SCRIPT = '''\
"""Writes the file that says where the databases are, from the environment."""

import json
import os
from pathlib import Path

from psycopg.conninfo import make_conninfo


def place(prefix: str) -> str:
    """Return where a database is, with who we are there."""
    names = {"user": f"{prefix}_USER", "password": f"{prefix}_PASSWORD"}
    known = {key: os.environ[name] for key, name in names.items() if name in os.environ}
    return make_conninfo(os.environ[f"{prefix}_URL"], **known)


stores = {name: place(prefix) for name, prefix in json.loads(os.environ["STORES"]).items()}
text = json.dumps({"monolith": place("MONOLITH_DATABASE"), "stores": stores})
file = Path(os.environ["DATABASES"])
file.touch(mode=0o600)
file.write_text(text, encoding="utf-8")
'''

FILE = "/run/matapalo/databases.json"
MONOLITH = "MONOLITH_DATABASE"


def stores(scene: Scene) -> dict[str, str]:
    """Return the stores of streams, each with the variables that tell of it begin with."""
    targets = scene.targets
    found = {store_of(scene.blueprint.slices[name], targets) for name in own.streams(scene)}
    return {store: _variable(store) for store in sorted(filter(None, found))}


def _variable(store: str) -> str:
    """As `apply.sh` names what another namespace is told: `PAYMENTS_LEDGER`."""
    return store.upper().replace("/", "_").replace("-", "_")


def secrets_of(scene: Scene) -> Iterator[secrets.Wanted]:
    """Yield the passwords that it takes."""
    if not own.streams(scene):
        return
    database = scene.blueprint.monolith.database
    if database and database.password:
        name = secrets.name_of(scene, database.password.secret)
        yield secrets.Wanted(f"{MONOLITH}_PASSWORD", name)
    for prefix in stores(scene).values():
        arn = f"${{{prefix}_SECRET_ARN}}"
        yield secrets.Wanted(f"{prefix}_USER", arn, "username")
        yield secrets.Wanted(f"{prefix}_PASSWORD", arn, "password")


def prepare(scene: Scene, account: str) -> Object:
    """Return the container that writes the file; its secrets are those of the workload's class."""
    database = scene.blueprint.monolith.database
    values = {
        "DATABASES": FILE,
        "STORES": json.dumps(stores(scene), sort_keys=True),
        f"{MONOLITH}_URL": (database.url if database else None) or "",
        **{f"{prefix}_URL": f"${{{prefix}_URL}}" for prefix in stores(scene).values()},
    }
    env = [{"name": name, "value": values[name]} for name in sorted(values)]
    return {
        "name": "databases",
        "image": f"${{REGISTRY}}/{repository(scene, OWN)}:${{TAG}}",
        "command": ["python", "/etc/matapalo/databases.py"],
        "env": [*env, *secrets.variables(account, list(secrets_of(scene)))],
    }
