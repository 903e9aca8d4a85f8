"""Closing tables, and finding out who writes to them."""

from dataclasses import dataclass
from pathlib import Path

from rich.table import Table as Grid

from matapalo.blueprint import Blueprint
from matapalo.blueprint import load as read_blueprint
from matapalo.cli.options import home_of
from matapalo.cli.stream_ends import Ends
from matapalo.cli.talk import out, say, say_json
from matapalo.errors import MatapaloError, UnknownSlice
from matapalo.local.files import read_json
from matapalo.local.home import Home
from matapalo.local.postgres import dsn
from matapalo.local.secrets import load_secrets
from matapalo.local.topology.runs import MONOLITH_ROLE
from matapalo.stream import guard as guards
from matapalo.stream import writers as writing
from matapalo.stream.database import connect
from matapalo.stream.guard import Door, Guard
from matapalo.stream.names import Direction, Stream
from matapalo.stream.shape import Name
from matapalo.stream.writers import Writer

SIDES = ("source", "target")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose writers are asked for."""

    slice: str | None
    url: str | None
    tables: list[str] | None
    blueprint: Path
    environment: str


def guard(
    ends: Ends, *, close: str | None, reopen: str | None, owner: str, within: float, as_json: bool
) -> None:
    """Close or open a side, and show both."""
    for side in (close, reopen):
        if side not in (None, *SIDES):
            raise MatapaloError(f"`{side}` is no side", hint="`source` or `target`")
    job = ends.job()
    tables = {"source": job.at_monolith, "target": job.at_new}
    with connect(ends.source) as source, connect(ends.target) as target:
        sessions = {"source": source, "target": target}
        if close:
            other = SIDES[1 - SIDES.index(close)]
            meant = Guard(ends.name, owner or f"the {other}", _admitted(ends.name, close))
            guards.close(sessions[close], tables[close], meant, within)
        if reopen:
            guards.reopen(sessions[reopen], tables[reopen], within)
        found = {side: guards.doors(sessions[side], tables[side]) for side in SIDES}
    _show(found, as_json=as_json)


def _admitted(name: str, side: str) -> str:
    """Return the stream that writes to a side."""
    return Stream(name, Direction.REVERSE if side == "source" else Direction.FORWARD).on_server


def _show(found: dict[str, tuple[Door, ...]], *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                side: {str(door.table): "closed" if door.closed else "open" for door in doors}
                for side, doors in found.items()
            }
        )
        return
    for side, doors in found.items():
        closed = [str(door.table) for door in doors if door.closed]
        say(f"{side}: {'closed: ' + ', '.join(closed) if closed else 'open to all'}")


def writers(asked: Asked, *, seconds: float, watch: bool, as_json: bool) -> None:
    """Print who writes to tables."""
    url, names = _where(asked)
    look = writing.watch if watch else writing.look
    with connect(url, application="matapalo writers") as session:
        found = look(session, [Name.parse(name) for name in names], seconds)
    if as_json:
        say_json([{name: getattr(one, name) for name in one.__slots__} for one in found])
    elif found:
        _show_writers(found)
    else:
        say("nobody was seen to write")


def _where(asked: Asked) -> tuple[str, list[str]]:
    """Return the database and the tables: those given, else what the blueprint says."""
    if asked.url and asked.tables:
        return asked.url, asked.tables
    blueprint = read_blueprint(asked.blueprint, asked.environment)
    return asked.url or _database(blueprint, asked), asked.tables or _tables(blueprint, asked)


def _tables(blueprint: Blueprint, asked: Asked) -> list[str]:
    if asked.slice is None or asked.slice not in blueprint.slices:
        names = ", ".join(blueprint.slices) or "none"
        raise UnknownSlice(f"no slice `{asked.slice or ''}`", hint=f"there are: {names}")
    return [table.name for table in blueprint.slices[asked.slice].tables]


def _database(blueprint: Blueprint, asked: Asked) -> str:
    """Return where the monolith's database is: as the blueprint says, or on this machine."""
    database = blueprint.monolith.database
    if database and database.url:
        return database.url
    home = Home(home_of(asked.blueprint))
    port = (read_json(home.ports) or {}).get("monolith-db")
    password = load_secrets(home).values.get("local/monolith")
    if database is None or port is None or password is None:
        raise MatapaloError("where the monolith's database is, is not known", hint="say so: --url")
    return dsn(port, MONOLITH_ROLE, password, database.name)


def _show_writers(found: tuple[Writer, ...]) -> None:
    grid = Grid("application", "user", "from", "table", "seen", "last", box=None, pad_edge=False)
    for one in found:
        last = f"{one.last.astimezone():%H:%M:%S}"
        grid.add_row(one.application, one.user, one.address, one.table, str(one.seen), last)
    out.print(grid)
