"""Comparing and repairing from the command line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from pydantic import ValidationError
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from matapalo.cli.stream_ends import Ends
from matapalo.cli.talk import confirm, out, say, say_json, took
from matapalo.errors import MatapaloError
from matapalo.stream.mapping import Flow
from matapalo.stream.verify import Compared, Manner, Outcome, Plan
from matapalo.stream.verify import apply as put_right
from matapalo.stream.verify import plan as planned
from matapalo.stream.verify import verify as compare
from matapalo.stream.verify.whole import Told

_SHOWN = 20
"""Rows of a table that are printed; the plan has all."""


def verify(
    ends: Ends, *, pin: bool, plan_file: Path | None, jobs: int, limit: int, as_json: bool
) -> None:
    """Compare, and print what differs."""
    job = ends.job()
    with _progress(quiet=as_json) as told:
        outcome = compare(job, Manner(pin=pin, sessions=jobs, limit=limit), told)
    if as_json:
        say_json(_as_json(outcome))
    else:
        _show(outcome)
    if plan_file and not outcome.equal:
        _write(plan_file, planned(job, outcome))
        if not as_json:
            say(f"wrote {plan_file}; next: matapalo stream repair {ends.name} {plan_file}")
    if not outcome.equal:
        raise typer.Exit(1)


def repair(ends: Ends, file: Path, *, yes: bool) -> None:
    """Put the rows of a plan right."""
    try:
        plan = Plan.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MatapaloError(f"cannot be read: {error}", where=str(file)) from None
    except ValidationError:
        raise MatapaloError("is no repair plan", where=str(file)) from None
    rows = sum(len(one.rows) for one in plan.flows)
    job = ends.job()
    confirm(f"put up to {rows} rows of {'source' if ends.reverse else 'target'} right?", yes=yes)
    say(f"{put_right(job, plan)} of {rows} rows were still wrong, and are right now")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Told]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=quiet) as bar:
        task = bar.add_task("waiting for the stream")
        read: dict[str, int] = {}

        def told(flow: Flow, rows: int) -> None:
            read[str(flow)] = read.get(str(flow), 0) + rows
            bar.update(task, description=f"{flow}: {read[str(flow)]:,} rows of both sides read")

        yield told


def _show(outcome: Outcome) -> None:
    where = f"at {outcome.pinned}" if outcome.pinned else "as they are"
    for one in outcome.compared:
        style = "green" if one.equal else "red"
        say(_line(one), style=style)
        for difference in one.differences[:_SHOWN]:
            columns = f": {', '.join(difference.columns)}" if difference.columns else ""
            say(f"    {difference.fault} ({', '.join(difference.key)}){columns}")
        if len(one.differences) > _SHOWN:
            say(f"    and {len(one.differences) - _SHOWN} more")
    say(f"both sides {where}: {'the same' if outcome.equal else 'NOT the same'}", style="bold")


def _line(one: Compared) -> str:
    rows = f"{one.source_rows:,} rows"
    if one.source_rows != one.target_rows:
        rows = f"{one.source_rows:,} and {one.target_rows:,} rows"
    if one.equal:
        return f"{one.flow}: {rows}, the same ({took(one.seconds)})"
    more = "" if one.complete else "more than "
    return f"{one.flow}: {rows}, {more}{len(one.differences)} differ ({took(one.seconds)})"


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "equal": outcome.equal,
        "pinned": outcome.pinned,
        "tables": [
            {
                "flow": one.flow,
                "equal": one.equal,
                "source_rows": one.source_rows,
                "target_rows": one.target_rows,
                "complete": one.complete,
                "differences": [
                    {"key": d.key, "fault": str(d.fault), "columns": d.columns}
                    for d in one.differences
                ],
            }
            for one in outcome.compared
        ],
    }


def _write(file: Path, plan: Plan) -> None:
    """Write a plan for its owner's eyes only: keys are data."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(plan.model_dump_json(indent=2) + "\n")
