"""Before a stream runs: what would hurt it, and the full load."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as Grid

from matapalo.cli.stream_ends import Ends
from matapalo.cli.talk import out, say, say_json, say_line
from matapalo.errors import PreflightFailed
from matapalo.stream import control
from matapalo.stream.database import connect
from matapalo.stream.health import size
from matapalo.stream.job import Job
from matapalo.stream.load import Copied, Doing, Event, Order, Trouble
from matapalo.stream.load import Progress as Loaded
from matapalo.stream.load import load as copy
from matapalo.stream.lsn import written
from matapalo.stream.plan import plan
from matapalo.stream.preflight import Findings, Level, examine
from matapalo.stream.process import identity

_STYLES = {Level.STOP: "red", Level.WARN: "yellow", Level.NOTE: "dim"}


def preflight(ends: Ends, *, as_json: bool) -> None:
    """Print what was found. Raises PreflightFailed where something has to be mended."""
    findings = _examined(ends.job())
    if as_json:
        say_json([_finding(one) for one in findings.found])
    else:
        _show(findings)
    if findings.stops:
        count = len(findings.stops)
        raise PreflightFailed(
            f"{count} {'thing has' if count == 1 else 'things have'} to be mended"
        )


def load(ends: Ends, *, jobs: int, dry_run: bool, as_json: bool) -> None:
    """Copy every row, after a preflight."""
    job = ends.job()
    findings = _examined(job)
    if not as_json:
        _show(findings)
    findings.check()
    if dry_run:
        _would(job)
        return
    _enter(job, "loading")
    order = Order(job.stream, job.source, job.target, job.tables, jobs=jobs)
    events = copy(order)
    last = _told_as_json(events) if as_json else _told(events)
    if isinstance(last, Copied):
        _enter(job, "loaded")
        if not as_json:
            say(f"loaded; the stream begins at {written(last.slot)}", style="bold green")
            say(f"next: matapalo stream follow {ends.name}")


def _examined(job: Job) -> Findings:
    with connect(job.source) as source, connect(job.target) as target:
        return examine(source, target, job.stream, job.tables)


def _enter(job: Job, phase: str) -> None:
    with connect(job.source) as source, connect(job.target) as target:
        control.install(target)
        control.enter(target, job.stream, source=identity(source), tables=job.tables, phase=phase)


def _would(job: Job) -> None:
    with connect(job.source) as source, connect(job.target) as target:
        intended = plan(source, target, job.tables)
    for statement in intended.before:
        say(f"would {statement.what}")
    for flow in intended.flows:
        say(f"would copy {flow}")


def _show(findings: Findings) -> None:
    if not findings.found:
        say("nothing was found that would hurt", style="green")
        return
    grid = Grid("", "where", "what", "what to do", box=None, pad_edge=False)
    for one in findings.found:
        grid.add_row(str(one.level), one.where, one.what, one.hint, style=_STYLES[one.level])
    out.print(grid, markup=False)


def _finding(one: object) -> dict[str, str]:
    return {name: str(getattr(one, name)) for name in ("level", "where", "what", "hint")}


def _told_as_json(events: Iterator[Event]) -> Event | None:
    last: Event | None = None
    for last in events:
        fields = {name: getattr(last, name) for name in last.__slots__}
        say_line({"event": type(last).__name__.lower(), **fields})
    return last


def _told(events: Iterator[Event]) -> Event | None:
    last: Event | None = None
    with _bar() as (bar, task):
        for last in events:
            match last:
                case Doing():
                    bar.console.print(str(last), markup=False, highlight=False)
                case Trouble():
                    bar.console.print(str(last), style="yellow", markup=False, highlight=False)
                case Loaded():
                    rate = last.rows / max(0.001, bar.tasks[task].elapsed or 0)
                    text = f"{last.rows:,} rows, {rate:,.0f} rows/s, {size(last.bytes)}"
                    total = max(last.expected, last.rows, 1)
                    bar.update(task, completed=last.rows, total=total, text=text)
    return last


@contextmanager
def _bar() -> Iterator[tuple[Progress, TaskID]]:
    columns = (
        BarColumn(), TextColumn("{task.fields[text]}"), TimeElapsedColumn(), TextColumn("left"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=out) as bar:
        yield bar, bar.add_task("load", total=None, text="")
