"""`matapalo package`: the zips of functions, for Terraform."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, BlueprintFile, Environment


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(package)


def package(
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    env: Environment = LOCAL,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to; `aws/packages/` beside the blueprint by default."),
    ] = None,
    architecture: Annotated[
        Literal["arm64", "x86_64"], typer.Option(help="The processors that they run on.")
    ] = "arm64",
) -> None:
    """Pack functions and the authorizer, as Terraform takes them."""
    from matapalo.blueprint import load
    from matapalo.cloud.packaging import Target, build

    folder = blueprint.resolve().parent
    out = out or folder / "aws" / "packages"
    for path in build(load(blueprint, env), folder, out, Target(architecture)):
        typer.echo(f"{path} {path.stat().st_size:,} bytes")
