"""Where slices' tables are on this machine, and the processes that move them.

monolith-db ──▶ stream.SLICE.forward ──▶ a database of its own for each Aurora store,
            ◀── stream.SLICE.reverse ◀── on the server `ledger`
"""

import json
from collections import Counter
from collections.abc import Iterator

from psycopg.conninfo import make_conninfo

from matapalo.blueprint import Blueprint
from matapalo.blueprint.relations import store_of
from matapalo.blueprint.store import Aurora
from matapalo.blueprint.tablename import PUBLIC, split_table_name
from matapalo.blueprint.targets import Targets
from matapalo.local import postgres
from matapalo.local.spec import NewDatabase, PrivateFile, ProcessSpec, WhileRunning
from matapalo.local.topology.scene import Scene

LEDGER_DATABASE = "matapalo"
"""The conductor's ledger's."""
_TAKEN = (LEDGER_DATABASE, "postgres", "template0", "template1")
_WAYS = {"forward": (), "reverse": ("--reverse",)}
_GRACE = 15.0


def aurora_stores(b: Blueprint) -> tuple[str, ...]:
    """Return the Aurora stores that a slice, a service or a function has a use for, by name."""
    targets = Targets(b)
    uses = [(name, the.uses) for name, the in targets.services.items()]
    uses += [(name, the.uses) for name, the in targets.functions.items()]
    used = {
        target.name
        for name, them in uses
        for use in them
        if (target := targets.find(use, name.partition("/")[0]))
    }
    used |= {store for piece in b.slices.values() if (store := store_of(piece, targets))}
    return tuple(sorted(n for n, s in b.stores().items() if isinstance(s, Aurora) and n in used))


def moving(b: Blueprint) -> tuple[str, ...]:
    """Return the slices whose tables can be moved here."""
    database, targets = b.monolith.database, Targets(b)
    if database is None or database.engine != "postgresql":
        return ()
    return tuple(n for n, piece in b.slices.items() if piece.tables and store_of(piece, targets))


def secret_name(store: str) -> str:
    """Return what the password of a store's role is called."""
    return f"local/{store}"


def new_databases(scene: Scene, admin: str) -> tuple[NewDatabase, ...]:
    """Return every store's database, and the role of those who use it."""
    return tuple(
        NewDatabase(
            admin,
            name=_database(scene.blueprint, store),
            role=_role(store),
            password=scene.secrets[secret_name(store)],
            shared=_schemas(scene.blueprint, store),
        )
        for store in aurora_stores(scene.blueprint)
    )


def url(scene: Scene, store: str) -> str:
    """Return where those who use a store find it."""
    password = scene.secrets[secret_name(store)]
    return postgres.dsn(
        scene.ports["ledger"], _role(store), password, _database(scene.blueprint, store)
    )


def streams(scene: Scene) -> Iterator[ProcessSpec]:
    """Yield the processes of every slice's streams."""
    databases = frozenset({"ledger", "monolith-db"} & scene.ports.keys())
    for name in moving(scene.blueprint):
        for way, words in _WAYS.items():
            yield ProcessSpec(
                name=f"stream.{name}.{way}",
                command=scene.own(
                    "stream", "run", name, *words, "--blueprint", str(scene.file),
                    "--env", scene.environment, "--databases", str(scene.home.databases),
                ),
                port=0,
                health=WhileRunning(),
                after=databases,
                before=(where(scene),),
                grace=_GRACE,
            )  # fmt: skip


def where(scene: Scene) -> PrivateFile:
    """Return the file that says where the databases are, as their administrator reaches them."""
    b, admin = scene.blueprint, postgres.ADMIN
    port, password = scene.ports["ledger"], scene.secrets["local/ledger"]
    stores = {
        store: postgres.dsn(port, admin, password, _database(b, store))
        for store in aurora_stores(b)
    }
    text = json.dumps({"monolith": _monolith(scene), "stores": stores}, indent=2, sort_keys=True)
    return PrivateFile(scene.home.databases, text)


def _monolith(scene: Scene) -> str | None:
    database = scene.blueprint.monolith.database
    if database is None:
        return None
    if database.url:
        given = {"password": scene.value(database.password)} if database.password else {}
        return make_conninfo(database.url, **given)
    if "monolith-db" not in scene.ports:
        return None
    password = scene.secrets["local/monolith-db"]
    return postgres.dsn(scene.ports["monolith-db"], postgres.ADMIN, password, database.name)


def _database(b: Blueprint, store: str) -> str:
    """Return what a store's database is called: as the blueprint says, where one has that name."""
    names = {name: _said(b, name) for name in aurora_stores(b)}
    often = Counter([*names.values(), *_TAKEN])
    return names[store] if often[names[store]] == 1 else _role(store)


def _said(b: Blueprint, store: str) -> str:
    the = b.stores()[store]
    said = the.database if isinstance(the, Aurora) else None
    return said or store.partition("/")[2]


def _role(store: str) -> str:
    return store.replace("/", "_")


def _schemas(b: Blueprint, store: str) -> tuple[str, ...]:
    """Return the schemas in which streams may make tables."""
    targets = Targets(b)
    tables = [
        table
        for piece in b.slices.values()
        if store_of(piece, targets) == store
        for table in piece.tables
    ]
    return tuple(sorted({PUBLIC, *(split_table_name(table.target)[0] for table in tables)}))
