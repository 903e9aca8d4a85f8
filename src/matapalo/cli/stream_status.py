"""How streams are, and their end."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table as Grid

from matapalo.cli.talk import confirm, out, say, say_json
from matapalo.stream import control
from matapalo.stream.apply import count_conflicts
from matapalo.stream.control import Entry
from matapalo.stream.database import Connection, connect
from matapalo.stream.ending import drop as end
from matapalo.stream.health import Health, gather, judge, size
from matapalo.stream.names import Direction, Stream


def status(source: str, target: str, *, as_json: bool) -> None:
    """Print every stream of two databases."""
    found = list(_streams(source, target))
    if as_json:
        say_json([_as_json(*one) for one in found])
    elif not found:
        say("no streams between these databases")
    else:
        _show(found)


def drop(name: str, source: str, target: str, *, yes: bool) -> None:
    """End a stream and remove all that it made."""
    confirm(f"drop the stream {name}, both ways? What changes from now on is not copied.", yes=yes)
    end(name, source, target)
    say(f"nothing of {name} is left on either server but the copied rows")


def _streams(source: str, target: str) -> Iterator[tuple[Entry, Health, int]]:
    with connect(source) as one, connect(target) as other:
        for direction, reads, writes in (
            (Direction.FORWARD, one, other),
            (Direction.REVERSE, other, one),
        ):
            for entry in control.entries(writes):
                if entry.direction is direction:
                    yield _stream(entry, reads, writes)


def _stream(entry: Entry, source: Connection, target: Connection) -> tuple[Entry, Health, int]:
    stream = Stream(entry.name, entry.direction)
    health = judge(gather(source, target, stream))
    return entry, health, count_conflicts(target, stream)


def _show(found: list[tuple[Entry, Health, int]]) -> None:
    head = ("stream", "phase", "behind", "log", "transactions", "conflicts", "process")
    grid = Grid(*head, box=None, pad_edge=False)
    for entry, health, conflicts in found:
        grid.add_row(
            f"{entry.name} ({entry.direction})",
            _phase(entry),
            _known(health.lag.seconds, lambda seconds: f"{seconds:.1f} s"),
            _known(health.lag.bytes, size),
            _known(health.lag.transactions, str),
            str(conflicts),
            entry.process or "-",
        )
    out.print(grid)
    for entry, health, _ in found:
        for text in (entry.trouble, *(f"{sign.what}. {sign.hint}" for sign in health.signs)):
            if text:
                say(f"{entry.name} ({entry.direction}): {text}", style="yellow")


def _phase(entry: Entry) -> str:
    if entry.running or entry.phase in control.ENDED:
        return entry.phase
    return f"silent (was {entry.phase})"


def _known(value: Any, shown: Any) -> str:
    return "unknown" if value is None else str(shown(value))


def _as_json(entry: Entry, health: Health, conflicts: int) -> dict[str, object]:
    return {
        "name": entry.name,
        "direction": str(entry.direction),
        "phase": entry.phase,
        "running": entry.running,
        "process": entry.process,
        "trouble": entry.trouble,
        "tables": [table.model_dump(mode="json", exclude_defaults=True) for table in entry.tables],
        "lag": {
            "seconds": health.lag.seconds,
            "bytes": health.lag.bytes,
            "transactions": health.lag.transactions,
        },
        "conflicts": conflicts,
        "lost": health.lost,
        "signs": [{"what": sign.what, "hint": sign.hint} for sign in health.signs],
    }
