"""What a person sees of a blueprint: its problems, what it has, its schema, a first one."""

import json
from pathlib import Path

from matapalo.blueprint import Blueprint, Examined, examine
from matapalo.blueprint.contents import contents
from matapalo.blueprint.load import Check
from matapalo.blueprint.reference import reference
from matapalo.blueprint.schema import schema
from matapalo.blueprint.starter import SCHEMA_FILE, name_from, starter
from matapalo.cli.options import BLUEPRINT, LOCAL
from matapalo.cli.talk import out, say, say_json
from matapalo.errors import MatapaloError, Problem


def show_check(path: Path, env: str, *, as_json: bool) -> bool:
    """Print all that is wrong with a blueprint, and what it has. Return whether it is right."""
    examined = examine(path, env, more=_quotas(env))
    if as_json:
        say_json(_as_json(examined, env))
    else:
        _print(examined, path, env)
    return not examined.errors


def _quotas(env: str) -> tuple[Check, ...]:
    """Return what looks after AWS's quotas, where the system runs there."""
    if env == LOCAL:
        return ()
    from matapalo.cloud import quotas

    return (quotas.check,)


def show_schema(check: Path | None, *, docs: bool) -> None:
    """Print the schema or the reference page; or compare it with a file."""
    text = reference() if docs else json.dumps(schema(), indent=2) + "\n"
    if check is None:
        out.file.write(text)
    elif check.is_file() and check.read_text(encoding="utf-8") == text:
        say(f"{check} is up to date")
    else:
        hint = f"matapalo schema{' --docs' if docs else ''} > {check}"
        raise MatapaloError("the file is not up to date", where=str(check), hint=hint)


def write_first(folder: Path, url: str, name: str) -> None:
    """Write a first blueprint and its schema. Raises MatapaloError where there is one already."""
    text = starter(name or name_from(folder.resolve().name), url)
    path = folder / BLUEPRINT
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        (folder / SCHEMA_FILE).write_text(json.dumps(schema()) + "\n", encoding="utf-8")
    except FileExistsError:
        hint = "it is left as it is; choose another folder"
        raise MatapaloError("there is a blueprint already", where=str(path), hint=hint) from None
    except OSError as error:
        raise MatapaloError(f"cannot be written: {error.strerror}", where=str(path)) from None
    say(f"wrote {path}, and {folder / SCHEMA_FILE} by which an editor completes it")
    say(f"next: matapalo check -b {path}; matapalo up -b {path}")


def _print(examined: Examined, path: Path, env: str) -> None:
    for problem in examined.problems:
        label, style = ("warning: ", "yellow") if problem.warning else ("error: ", "bold red")
        out.print(label, style=style, end="")
        say(str(problem))
    if examined.blueprint is not None and not examined.errors:
        _summary(examined.blueprint, path, env)
    else:
        count = len(examined.errors)
        say(f"{path} has {count} {'error' if count == 1 else 'errors'}", style="bold")


def _summary(blueprint: Blueprint, path: Path, env: str) -> None:
    say(f"{path} is right for {env}", style="bold")
    for kind, names in contents(blueprint).items():
        say(f"  {kind:<13} {', '.join(names)}")
    others = [name for name in dict.fromkeys((LOCAL, *blueprint.environments)) if name != env]
    if others:
        say(f"{env} alone was checked; `--env {others[0]}` checks another ({', '.join(others)})")


def _as_json(examined: Examined, env: str) -> dict[str, object]:
    return {
        "right": not examined.errors,
        "environment": env,
        "problems": [_problem(problem) for problem in examined.problems],
        "contents": contents(examined.blueprint) if examined.blueprint else {},
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "severity": "warning" if problem.warning else "error",
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "path": problem.path,
        "what": problem.what,
        "hint": problem.hint,
    }
