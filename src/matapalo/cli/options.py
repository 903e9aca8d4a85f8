"""Options that many verbs share."""

from pathlib import Path
from typing import Annotated

import typer

BlueprintFile = Annotated[
    Path,
    typer.Option(
        "--blueprint",
        "-b",
        envvar="MATAPALO_BLUEPRINT",
        help="The blueprint. Its folder keeps the state, in .matapalo/.",
        show_default=True,
    ),
]
Environment = Annotated[
    str,
    typer.Option(
        "--env", "-e", envvar="MATAPALO_ENV", help="The environment whose overlay applies."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

Listen = Annotated[
    str,
    typer.Option(
        envvar="MATAPALO_LISTEN",
        help="The address to listen on: this machine's own, or 0.0.0.0 in a pod.",
    ),
]

BLUEPRINT = Path("matapalo.yaml")
LOOPBACK = "127.0.0.1"
LOCAL = "local"


def home_of(blueprint: Path) -> Path:
    """Return the state folder that belongs to a blueprint."""
    return blueprint.resolve().parent / ".matapalo"
