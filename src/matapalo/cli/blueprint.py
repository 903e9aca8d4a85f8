"""The verbs about the blueprint: check | schema | init."""

from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, BlueprintFile, Environment, Json


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command()(check)
    app.command()(schema)
    app.command()(init)


def check(
    blueprint: BlueprintFile = BLUEPRINT, env: Environment = LOCAL, as_json: Json = False
) -> None:
    """Say all that is wrong with the blueprint, and what it has. Exit status 1 if it has errors."""
    from matapalo.cli.blueprint_views import show_check

    if not show_check(blueprint, env, as_json=as_json):
        raise typer.Exit(1)


def schema(
    docs: Annotated[bool, typer.Option("--docs", help="The reference page instead.")] = False,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Only say whether this file is up to date."),
    ] = None,
) -> None:
    """Print the blueprint's JSON Schema, by which editors complete it; or its reference page."""
    from matapalo.cli.blueprint_views import show_schema

    show_schema(check, docs=docs)


def init(
    folder: Annotated[Path, typer.Argument(help="Where the blueprint will be.")] = Path(),
    url: Annotated[
        str, typer.Option("--url", help="Where the application answers today.")
    ] = "http://127.0.0.1:8080",
    name: Annotated[
        str, typer.Option("--name", help="The system's name; the folder's where not given.")
    ] = "",
) -> None:
    """Write a first matapalo.yaml for a server that already runs."""
    from matapalo.cli.blueprint_views import write_first

    write_first(folder, url, name)
