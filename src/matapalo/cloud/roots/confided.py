"""Values of secrets that services and functions find in their environment: the same for both.

env: {TOKEN: {secret: token}}   ─▶ TOKEN
uses: [ledger], an Aurora store ─▶ LEDGER_USER, LEDGER_PASSWORD; PGUSER, PGPASSWORD where it
                                   is the only one
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matapalo.blueprint import Aurora, DocumentDb, Function, SecretRef, Service
from matapalo.cloud.roots import told
from matapalo.cloud.scene import Scene


@dataclass(frozen=True, slots=True)
class Confided:
    """A variable, and whose value it has: a secret's of the blueprint, or a store's `field`."""

    variable: str
    secret: str = ""
    store: str = ""
    field: str | None = None


def confided(scene: Scene, product: str, it: Service | Function) -> list[Confided]:
    """Return what it is told in confidence."""
    return [*_own(it), *_of_stores(scene, product, it)]


def for_libpq(scene: Scene, all_of: Sequence[Confided]) -> Iterator[tuple[str, Confided]]:
    """Yield what libpq looks for by itself, where there is one PostgreSQL only."""
    databases = [it for it in all_of if isinstance(scene.targets.stores.get(it.store), Aurora)]
    for field, called in (("username", "PGUSER"), ("password", "PGPASSWORD")):
        found = [each for each in databases if each.field == field]
        if len(found) == 1:
            yield called, found[0]


def _own(it: Service | Function) -> Iterator[Confided]:
    for name, value in sorted(it.env.items()):
        if isinstance(value, SecretRef):
            yield Confided(name, secret=value.secret)


def _of_stores(scene: Scene, product: str, it: Service | Function) -> Iterator[Confided]:
    for target in told.used(scene, product, it):
        store = scene.targets.stores.get(target.name) if target.kind == "store" else None
        if isinstance(store, Aurora | DocumentDb):
            for ending, field in (("USER", "username"), ("PASSWORD", "password")):
                name = told.variable(target.name, ending)
                yield Confided(name, store=target.name, field=field)
