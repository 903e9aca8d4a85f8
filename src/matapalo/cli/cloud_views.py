"""What a person sees of a render: what was written, and what to do next."""

from dataclasses import asdict
from pathlib import Path

from matapalo.blueprint import Blueprint, examine, load
from matapalo.blueprint.disk import text_of
from matapalo.blueprint.nearest import nearest
from matapalo.cli.options import LOCAL
from matapalo.cli.talk import say, say_json
from matapalo.cloud import policy_files, quotas, render, system_of
from matapalo.cloud.readme import steps_of
from matapalo.cloud.scope import Scope
from matapalo.cloud.writing import Change, survey, write
from matapalo.errors import BlueprintError, MatapaloError


def show_render(
    path: Path, out: Path, only: tuple[str, ...], *, force: bool, dry_run: bool, as_json: bool
) -> None:
    """Render a blueprint into a directory, or say what that would change."""
    blueprints = _read(path, only)
    folder = path.resolve().parent
    texts = {name: text_of(folder / name) for name in policy_files(blueprints)}
    system = system_of(blueprints, texts)
    tree = render(system, only)
    owns = Scope(only)
    change = survey(out, tree, owns) if dry_run else write(out, tree, owns, force=force)
    steps = [f"{out}/{root}" for root in steps_of(system, tree)]
    if as_json:
        say_json({"out": str(out), "written": not dry_run, "next": steps, **asdict(change)})
    else:
        _print(out, change, steps, dry_run=dry_run)


def _read(path: Path, only: tuple[str, ...]) -> dict[str, Blueprint]:
    """Return the blueprint as each environment reads it. All mistakes are told at once."""
    names = [name for name in _environments(path) if name != LOCAL]
    for name in only:
        if name not in names:
            hint = nearest(name, names, noun="environments")
            raise MatapaloError(f"no environment `{name}` on AWS", where=str(path), hint=hint)
    read, problems = {}, []
    for name in names:
        found = examine(path, name, more=(quotas.check,))
        problems += [each for each in found.errors if each not in problems]
        if found.blueprint is not None:
            read[name] = found.blueprint
    if problems:
        raise BlueprintError(problems)
    return read


def _environments(path: Path) -> tuple[str, ...]:
    """Return the environments' names. A mistake that every environment has is told here already."""
    found = examine(path, LOCAL, look=False)
    return tuple(found.blueprint.environments if found.blueprint else load(path).environments)


def _print(out: Path, change: Change, steps: list[str], *, dry_run: bool) -> None:
    for verb, paths in (("+", change.new), ("~", change.changed), ("-", change.removed)):
        if dry_run:
            for path in paths:
                say(f"  {verb} {path}")
    for path in change.edited:
        say(f"  ! {path} was edited or written by hand")
    would = "would be " if dry_run else ""
    say(
        f"{out}: {len(change.new)} files {would}written, {len(change.changed)} {would}changed,"
        f" {len(change.removed)} {would}removed, {len(change.same)} as they were",
        style="bold",
    )
    if not dry_run:
        say("next, in this order (terraform init, plan, apply in each):")
        for step in steps:
            say(f"  {step}")
        say(f"then {out}/kubernetes/apply.sh for each namespace; {out}/README.md says more")
