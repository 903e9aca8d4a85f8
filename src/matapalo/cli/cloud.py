"""`matapalo render`: what AWS gets, as a directory."""

from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, BlueprintFile, Json


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(render)


def render(
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to; `aws/` beside the blueprint where not given."),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option("--env", "-e", help="Only these environments; nothing that all share."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Lose edits made by hand.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write Terraform, Kubernetes manifests and pipelines for AWS."""
    from matapalo.cli.cloud_views import show_render

    out = out or blueprint.resolve().parent / "aws"
    show_render(blueprint, out, tuple(env or ()), force=force, dry_run=dry_run, as_json=as_json)
