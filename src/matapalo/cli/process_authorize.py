"""`matapalo authorize`: asks the existing security system who a caller is."""

import os
from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, LOOPBACK, BlueprintFile, Environment, Listen
from matapalo.cli.serving import serving

SECRET = "MATAPALO_LOGIN_SECRET"  # noqa: S105 - the name of a variable, not its value


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("authorize")(authorize)


def authorize(
    endpoints: Annotated[Path, typer.Option(help="The file that says where everything answers.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")],
    blueprint: BlueprintFile = BLUEPRINT,
    env: Environment = LOCAL,
    listen: Listen = LOOPBACK,
) -> None:
    """Say to the edge who a caller is; MATAPALO_LOGIN_SECRET is our secret at whom we ask."""
    from matapalo.blueprint import load
    from matapalo.edge.authorizer.process import serve

    secret = os.environ.pop(SECRET, None)
    serving(serve(load(blueprint, env), endpoints, port, secret, listen))
