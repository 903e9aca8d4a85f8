"""The rim of the blueprint: files are read here, and nowhere else in this part.

path, environment ─read─▶ texts ─examine─▶ Examined(blueprint, problems) ─load─▶ Blueprint
"""

import os
from collections.abc import Mapping as Environ
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.reading import (
    Mapping,
    Node,
    explain,
    filled,
    find_leaks,
    merged,
    parse,
    plain,
    take_overlays,
)
from matapalo.blueprint.root import Blueprint
from matapalo.errors import BlueprintError, Place, Problem

LOCAL = "local"
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Examined:
    """What a blueprint says, if it can be understood; and what is wrong or doubtful in it."""

    blueprint: Blueprint | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What has to be mended."""
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What deserves a second look."""
        return tuple(problem for problem in self.problems if problem.warning)


def load(
    path: Path, environment: str = LOCAL, environ: Environ[str, str] = os.environ
) -> Blueprint:
    """Return the blueprint for one environment.

    `environment` names whose overlay applies; `environ` gives the values of `${NAME}`. Paths in
    the blueprint are relative to its folder, `path.parent`.

    Raises BlueprintError with every error that it has.
    """
    examined = examine(path, environment, environ)
    if examined.blueprint is None or examined.errors:
        raise BlueprintError(examined.errors)
    return examined.blueprint


def examine(
    path: Path, environment: str = LOCAL, environ: Environ[str, str] = os.environ
) -> Examined:
    """Read a blueprint and return all that is wrong with it. Raises nothing for a mistake in it."""
    problems: list[Problem] = []
    tree = _tree(path, environment, problems)
    if tree is None:
        return _examined(None, problems)
    full, unfilled = filled(tree, environ)
    problems += unfilled
    try:
        blueprint = Blueprint.model_validate(plain(full))
    except ValidationError as error:
        found = explain(error, Blueprint, full)
        # A variable without a value has been told of; that its field is empty is no news.
        told = {problem.path for problem in unfilled}
        return _examined(None, problems + [p for p in found if p.path not in told])
    return _examined(blueprint, problems)


def _examined(blueprint: Blueprint | None, problems: list[Problem]) -> Examined:
    ordered = sorted(set(problems), key=lambda p: (p.place, p.path, p.what))
    return Examined(blueprint, tuple(ordered))


def _tree(path: Path, environment: str, problems: list[Problem]) -> Mapping | None:
    """Return the file's tree with the environment's overlays laid upon it."""
    whole = _read(path, problems)
    if whole is None:
        return None
    base, overlays = take_overlays(whole)
    beside = path.with_name(f"{path.stem}.{environment}{path.suffix}")
    layers: list[Node] = [overlays[environment]] if environment in overlays else []
    if beside.is_file():
        over = _read(beside, problems)
        layers += [over] if over else []
    elif environment not in (known := _environments(base)):
        problems.append(_unknown_environment(path, environment, known))
    tree: Node = base
    for layer in layers:
        tree = merged(tree, layer)
    return tree if isinstance(tree, Mapping) else base


def _environments(tree: Mapping) -> set[str]:
    entry = tree.entries.get("environments")
    names = set(entry.node.entries) if entry and isinstance(entry.node, Mapping) else set()
    return names | {LOCAL}


def _unknown_environment(path: Path, environment: str, known: set[str]) -> Problem:
    hint = nearest(environment, known, noun="environments")
    return Problem(Place(str(path)), "environments", f"no environment `{environment}`", hint)


def _read(path: Path, problems: list[Problem]) -> Mapping | None:
    """Read one file. None, and a problem, where it holds no mapping."""
    try:
        text = _text(path)
    except BlueprintError as error:
        problems += error.problems
        return None
    tree, found = parse(text, str(path))
    problems += found
    if isinstance(tree, Mapping):
        problems += find_leaks(tree)
        return tree
    if not found:
        what = "the file is empty" if tree is None else "the file has to hold a mapping"
        hint = "`matapalo init` writes one to begin with"
        problems.append(Problem(tree.place if tree else Place(str(path)), "", what, hint))
    return None


def _text(path: Path) -> str:
    """Return a file's text. Raises BlueprintError where it cannot be read, or is too big."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(path, "no such file", "`matapalo init` writes one") from None
    except IsADirectoryError:
        raise _unreadable(path, "this is a folder", "name the file in it") from None
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}", "") from None
    if len(data) > MOST_BYTES:
        raise _unreadable(path, f"larger than {MOST_BYTES >> 20} MiB", "is this the right file?")
    return _decoded(data, path)


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem(Place(str(path), line, column), "", "not UTF-8", "save it as UTF-8")
        raise BlueprintError([problem]) from None


def _unreadable(path: Path, what: str, hint: str) -> BlueprintError:
    return BlueprintError([Problem(Place(str(path)), "", what, hint)])
