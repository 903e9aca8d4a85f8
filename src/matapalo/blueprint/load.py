"""Reading a blueprint from its files, for one environment.

path, environment ─layers─▶ tree ─fill, validate─▶ Blueprint ─check─▶ Examined ─load─▶ Blueprint
"""

import os
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Environ
from dataclasses import dataclass
from pathlib import Path

from matapalo.blueprint.checks import Finding, Setting, check, files
from matapalo.blueprint.checks.finding import LOCAL
from matapalo.blueprint.disk import missing, text_of
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.reading import (
    Mapping,
    Node,
    filled,
    find_leaks,
    merged,
    parse,
    path_text,
    place_of,
    plain,
    take_overlays,
    validated,
)
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.targets import Targets
from matapalo.errors import BlueprintError, Place, Problem

Check = Callable[[Blueprint, str], Iterator[Finding]]
"""What finds something wrong in a blueprint, as an environment reads it."""


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
    the blueprint are relative to its folder, `path.parent`. The folders that it names are looked
    for where it runs on this machine; elsewhere the processes have it without them.

    Raises BlueprintError with every error that it has.
    """
    examined = examine(path, environment, environ, look=environment == LOCAL)
    if examined.blueprint is None or examined.errors:
        raise BlueprintError(examined.errors)
    return examined.blueprint


def examine(
    path: Path,
    environment: str = LOCAL,
    environ: Environ[str, str] = os.environ,
    *,
    look: bool = True,
    more: Sequence[Check] = (),
) -> Examined:
    """Read a blueprint and return all that is wrong with it. Raises nothing for a mistake in it.

    `look` says whether the folders and files that it names are looked for. `more` are asked about
    a blueprint in which nothing else is wrong.
    """
    problems: list[Problem] = []
    tree = _tree(path, environment, problems)
    if tree is None:
        return _examined(None, problems)
    full, unfilled = filled(tree, environ)
    problems += unfilled
    typed = validated(full)
    # A variable without a value has been told of; that its field is empty is no news.
    told = {problem.path for problem in unfilled}
    problems += [problem for problem in typed.problems if problem.path not in told]
    if typed.checkable is not None:
        findings = _findings(typed.checkable, environment, path.parent, look=look)
        problems += [_placed(each, full) for each in findings if not typed.concerns(each.loc)]
    blueprint = typed.blueprint
    if blueprint is not None and all(problem.warning for problem in problems):
        asked = (finding for each in more for finding in each(blueprint, environment))
        problems += [_placed(finding, full) for finding in asked]
    return _examined(blueprint, problems)


def _findings(
    blueprint: Blueprint, environment: str, folder: Path, *, look: bool
) -> Iterator[Finding]:
    setting = Setting(blueprint, environment, Targets(blueprint))
    yield from check(setting)
    if look:
        yield from missing(folder, files(setting))


def _placed(finding: Finding, tree: Node) -> Problem:
    place = place_of(tree, finding.loc, key=finding.on_key)
    return Problem(place, path_text(finding.loc), finding.what, finding.hint, finding.warning)


def _examined(blueprint: Blueprint | None, problems: list[Problem]) -> Examined:
    ordered = sorted(set(problems), key=lambda p: (p.place, p.path, p.what))
    return Examined(blueprint, tuple(ordered))


def _tree(path: Path, environment: str, problems: list[Problem]) -> Mapping | None:
    """Return the file's tree with the environment's overlays laid upon it."""
    whole = _read(path, problems)
    if whole is None:
        return None
    base, overlays = take_overlays(whole)
    layers = [overlays[environment]] if environment in overlays else []
    layers = [layer for layer in layers if plain(layer) is not None]
    beside = path.with_name(f"{path.stem}.{environment}{path.suffix}")
    if beside.is_file():
        over = _read(beside, problems)
        layers += [over] if over else []
    elif environment not in (known := _environments(base)):
        problems.append(_unknown_environment(path, environment, known))
        return None
    for layer in layers:
        base = _laid(base, layer, problems)
    return base


def _laid(base: Mapping, layer: Node, problems: list[Problem]) -> Mapping:
    over = merged(base, layer)
    if isinstance(over, Mapping):
        return over
    what, hint = "an overlay has to hold a mapping", "keys of the blueprint, like `monolith:`"
    problems.append(Problem(layer.place, "", what, hint))
    return base


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
        text = text_of(path)
    except BlueprintError as error:
        problems += error.problems
        return None
    tree, found = parse(text, str(path))
    problems += found
    if isinstance(tree, Mapping):
        problems += find_leaks(tree)
        return tree
    if not found:
        what = "the file has to hold a mapping" if tree else "the file is empty"
        hint = "`matapalo init` writes one to begin with"
        problems.append(Problem(tree.place if tree else Place(str(path)), "", what, hint))
    return None
