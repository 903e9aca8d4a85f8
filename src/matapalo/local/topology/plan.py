"""The whole of it: which processes a blueprint takes, and what moves when one of them moves."""

from collections.abc import Callable, Iterator
from functools import partial

from matapalo.blueprint import Blueprint, Jwt
from matapalo.blueprint.route import SAFE_METHODS
from matapalo.local.spec import ProcessSpec
from matapalo.local.topology import own, runs, tables
from matapalo.local.topology.scene import Scene, uses_aws


def port_names(blueprint: Blueprint) -> tuple[str, ...]:
    """Return the name of every process that listens."""
    return tuple(name for name, _ in _parts(blueprint))


def fixed_ports(blueprint: Blueprint) -> dict[str, int]:
    """Return the ports that the blueprint names."""
    named = {name: service.port for name, service in blueprint.services().items()}
    named["edge"] = blueprint.edge.port
    return {name: port for name in port_names(blueprint) if (port := named.get(name))}


def secret_names(blueprint: Blueprint) -> tuple[str, ...]:
    """Return the name of every secret that a run needs: the blueprint's, and those of our own."""
    ours = ("ledger", "matapalo", "monolith-db", "monolith", "aws", "aws-id")
    stores = map(tables.secret_name, tables.aurora_stores(blueprint))
    return (*blueprint.secrets, *(f"local/{name}" for name in ours), *stores)


def plan(scene: Scene) -> tuple[ProcessSpec, ...]:
    """Return every process, each after those that it starts after."""
    listening = (part(scene) for _, part in _parts(scene.blueprint))
    return (*listening, *tables.streams(scene))


def successors(scene: Scene, ports: dict[str, int], name: str) -> tuple[ProcessSpec, ...]:
    """Return the process at its new port, and those that were told the old one, changed as well.

    They move too, to be replaced without a gap, except for those whose port the blueprint names.
    `ports` gives a spare port for every process.
    """
    now = {spec.name: spec for spec in plan(scene)}
    moved = {name: ports[name]}
    while True:
        then = plan(scene.moved(moved))
        changed = [spec for spec in then if spec != now[spec.name]]
        stale = [spec.name for spec in changed if spec.rolls and spec.name not in moved]
        if not stale:
            return tuple(changed)
        moved |= {name: ports[name] for name in stale}


def _parts(b: Blueprint) -> Iterator[tuple[str, Callable[[Scene], ProcessSpec]]]:
    """Each process by name, with the function that describes it."""
    yield "ledger", own.ledger
    if uses_aws(b):
        yield "aws", own.aws
    yield from _monolith(b)
    if b.security and not isinstance(b.security.login, Jwt):
        yield "authorizer", own.authorizer
    yield "conductor", own.conductor
    if _compares(b):
        yield "comparison", own.comparison
    yield from _products(b)
    yield "edge", own.edge


def _compares(b: Blueprint) -> bool:
    """Whether any slice has routes whose answers can be asked for twice."""
    return any(
        piece.compare and any(not r.methods or SAFE_METHODS & {*r.methods} for r in piece.routes)
        for piece in b.slices.values()
    )


def _monolith(b: Blueprint) -> Iterator[tuple[str, Callable[[Scene], ProcessSpec]]]:
    the = b.monolith
    if the.url or not the.run:
        return
    if the.database and not the.database.url:
        yield "monolith-db", partial(own.monolith_database, database=the.database)
    yield "monolith", partial(runs.monolith, run=the.run)


def _products(b: Blueprint) -> Iterator[tuple[str, Callable[[Scene], ProcessSpec]]]:
    for name, service in b.services().items():
        if service.run and not service.url:
            yield name, partial(runs.service, name=name, the=service, run=service.run)
    for name, function in b.functions().items():
        yield name, partial(runs.function, name=name, the=function)
