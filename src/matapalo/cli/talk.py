"""How the command line talks: a line a step with the time it took; colours only on a terminal."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

WIDE = 160
"""Columns of a table that goes to a file or a pipe, where nothing is cut off."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)


def say(text: str, *, style: str = "") -> None:
    """Print one line as it is."""
    out.print(text, style=style, markup=False)


def say_json(value: object) -> None:
    """Print a value as JSON, for scripts."""
    typer.echo(json.dumps(value, indent=2, sort_keys=True, default=str))


def say_line(value: object) -> None:
    """Print a value as JSON on one line: one of many, for scripts that read them as they come."""
    typer.echo(json.dumps(value, default=str))


def took(seconds: float) -> str:
    """Say a length of time as a person would."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print a step when it is over, and how long it took."""
    began = time.monotonic()
    yield
    say(f"{text} ({took(time.monotonic() - began)})")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone; `--yes` answers beforehand."""
    if not yes:
        typer.confirm(question, abort=True)
