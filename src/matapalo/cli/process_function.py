"""`matapalo function`: host one function, with the semantics of AWS Lambda."""

from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, BlueprintFile, Environment


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command("function")(function)


def function(
    name: Annotated[str, typer.Argument(help="The function: product/name.")],
    port: Annotated[int, typer.Option(help="The port to listen on, at 127.0.0.1.")],
    env_file: Annotated[
        Path, typer.Option(help="A JSON object: all of the function's own environment.")
    ],
    blueprint: BlueprintFile = BLUEPRINT,
    environment: Environment = LOCAL,
) -> None:
    """Host one function behind HTTP, with the semantics of AWS Lambda."""
    import asyncio

    from matapalo.blueprint import load
    from matapalo.local.functions.describe import Lambda, read_env
    from matapalo.local.functions.serve import serve

    described = Lambda.of(
        load(blueprint, environment), blueprint.resolve().parent, name, read_env(env_file)
    )
    asyncio.run(serve(described, port))
