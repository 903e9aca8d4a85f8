"""`matapalo edge`: an Envoy and its agent."""

from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, LOOPBACK, BlueprintFile, Environment, Listen
from matapalo.cli.serving import serving


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("edge")(edge)


def edge(  # noqa: PLR0917 - each is an option, and has a name
    endpoints: Annotated[Path, typer.Option(help="The file that says where everything answers.")],
    folder: Annotated[Path, typer.Option(help="Where the edge keeps its files.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")],
    blueprint: BlueprintFile = BLUEPRINT,
    env: Environment = LOCAL,
    conductor: Annotated[
        str | None, typer.Option(help="The conductor's URL; the last known state without one.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="The file of the conductor's token.")
    ] = None,
    name: Annotated[str, typer.Option(help="The edge's name.")] = "edge-1",
    told_first: Annotated[
        bool,
        typer.Option(
            "--told-first", help="Let nobody in before the conductor has spoken: it has no memory."
        ),
    ] = False,
    listen: Listen = LOOPBACK,
) -> None:
    """Be the door that all requests use: an Envoy and its agent."""
    from matapalo.blueprint import load
    from matapalo.edge.process import Setting, serve

    setting = Setting(
        name=name,
        endpoints=endpoints,
        folder=folder,
        port=port,
        conductor=conductor,
        token_file=token_file,
        listen=listen,
        told_first=told_first,
    )
    serving(serve(load(blueprint, env), setting))
