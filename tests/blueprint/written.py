"""Blueprints written for a test, with `¦` before the place where a mistake is expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from matapalo.blueprint import Blueprint, Examined, examine
from matapalo.errors import Problem

MINIMAL = """\
name: shop
monolith:
  url: http://127.0.0.1:8080
"""


@dataclass(frozen=True)
class Marked:
    """A text without its marks, and the line and column of each."""

    text: str
    marks: tuple[tuple[int, int], ...]


def marked(text: str) -> Marked:
    """Take the marks out of a text."""
    lines, marks = [], []
    for number, raw in enumerate(dedent(text).split("\n"), start=1):
        line = raw
        while "¦" in line:
            marks.append((number, line.index("¦") + 1))
            line = line.replace("¦", "", 1)
        lines.append(line)
    return Marked("\n".join(lines), tuple(marks))


def write(folder: Path, text: str, name: str = "matapalo.yaml") -> Path:
    """Write a blueprint and return its path."""
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def examined(
    folder: Path,
    text: str,
    environment: str = "local",
    environ: Mapping[str, str] | None = None,
) -> Examined:
    """Write a blueprint and examine it; whether its folders exist is not asked."""
    return examine(write(folder, text), environment, environ or {}, look=False)


def problems(
    folder: Path,
    text: str,
    environment: str = "local",
    environ: Mapping[str, str] | None = None,
) -> tuple[Problem, ...]:
    """Write a blueprint and return what is wrong with it."""
    return examined(folder, text, environment, environ).problems


def understood(
    folder: Path,
    text: str,
    environment: str = "local",
    environ: Mapping[str, str] | None = None,
) -> Blueprint:
    """Write a blueprint, demand that nothing is wrong with it, and return it."""
    found = examined(folder, text, environment, environ)
    assert not found.errors, [str(problem) for problem in found.errors]
    assert found.blueprint is not None
    return found.blueprint


def places(found: tuple[Problem, ...]) -> list[tuple[int, int]]:
    """Return the lines and columns of problems."""
    return [(problem.place.line, problem.place.column) for problem in found]
