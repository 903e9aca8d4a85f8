"""How a running system looks in a terminal."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from matapalo.cli.talk import out, say, took
from matapalo.errors import NotUp
from matapalo.local.home import Home
from matapalo.local.keeper import Event
from matapalo.local.logs import Line, Reader
from matapalo.local.secrets import load_secrets

COLORS = ("cyan", "green", "yellow", "magenta", "blue", "red")
MIB = 1024 * 1024
BETWEEN_LOOKS = 0.2
"""Seconds between two looks at the logs that are followed."""


def show_event(event: Event) -> None:
    """Print what happened to a process."""
    say(
        f"{event.name} {event.text}"
        + ("" if event.seconds is None else f" ({took(event.seconds)})")
    )


def show_status(told: Mapping[str, Any]) -> None:
    """Print a table of the processes, and where the edge is."""
    table = Table(box=None, pad_edge=False)
    for column in ("process", "state", "for", "port", "pid", "restarts", "MiB"):
        number = column in {"for", "port", "pid", "restarts", "MiB"}
        table.add_column(column, justify="right" if number else "left")
    for process in told["processes"]:
        table.add_row(*_row(process))
    out.print(table)
    say(f"the edge is {told['edge']}")


def show_logs(home: Home, names: Sequence[str], count: int, *, follow: bool) -> None:
    """Print the last lines, and then, if they are followed, what comes."""
    reader, mask = Reader(_chosen(home, names)), load_secrets(home).mask
    _print(reader.last(count), mask)
    while follow:
        time.sleep(BETWEEN_LOOKS)
        _print(reader.more(), mask)


def _row(process: Mapping[str, Any]) -> tuple[str, ...]:
    state = process["state"]
    return (
        process["name"],
        state if state == "running" or not process["trouble"] else f"{state}: {process['trouble']}",
        _age(time.time() - process["since"]),
        str(process["port"] or ""),
        str(process["pid"] or ""),
        str(process["restarts"]),
        f"{process['memory'] / MIB:.0f}" if process["memory"] else "",
    )


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _chosen(home: Home, names: Sequence[str]) -> list[Path]:
    logs = {home.log(name): name for name in names}
    for log, name in logs.items():
        if not log.exists():
            known = ", ".join(sorted(_name(log) for log in home.logs.glob("*.log")))
            raise NotUp("there is no such log", where=name, hint=f"there are: {known or 'none'}")
    return list(logs) or sorted(home.logs.glob("*.log"))


def _name(log: Path) -> str:
    return log.stem.replace(".", "/")


def _print(lines: Sequence[Line], mask: Any) -> None:
    for line in lines:
        color = COLORS[sum(line.name.encode()) % len(COLORS)]
        text = Text(mask(line.text))
        out.print(Text.assemble((f"{line.name} | ", color), text))
