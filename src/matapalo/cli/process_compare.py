"""`matapalo compare`: holds the new side's answers against the monolith's."""

from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, LOOPBACK, BlueprintFile, Environment, Listen
from matapalo.cli.serving import serving


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("compare")(compare)


def compare(  # noqa: PLR0917 - each is an option, and has a name
    endpoints: Annotated[Path, typer.Option(help="The file that says where everything answers.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")],
    conductor: Annotated[str, typer.Option(help="The conductor's URL.")],
    token_file: Annotated[Path, typer.Option(help="The file of the conductor's token.")],
    blueprint: BlueprintFile = BLUEPRINT,
    env: Environment = LOCAL,
    listen: Listen = LOOPBACK,
) -> None:
    """Ask both sides what the edge sends copies of, and say how their answers differ."""
    from matapalo.blueprint import load
    from matapalo.compare.process import Setting, serve

    serving(serve(load(blueprint, env), Setting(endpoints, port, conductor, token_file, listen)))
