"""`matapalo relay`: HTTP to a function that runs on Lambda."""

from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, LOOPBACK, BlueprintFile, Environment, Listen
from matapalo.cli.serving import serving


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command("relay")(relay)


def relay(
    *,
    name: Annotated[str, typer.Argument(help="The function: product/name.")],
    function: Annotated[str, typer.Option(help="Its ARN, with the alias that is in use.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")],
    blueprint: BlueprintFile = BLUEPRINT,
    env: Environment = LOCAL,
    listen: Listen = LOOPBACK,
) -> None:
    """Bring HTTP requests to a function on Lambda, in the shape that API Gateway gives them."""
    import boto3
    from botocore.config import Config

    from matapalo.blueprint import load
    from matapalo.local.functions import relay as relaying

    loaded = load(blueprint, env)
    if name not in loaded.functions():
        raise typer.BadParameter(f"there is no function {name}")
    it = loaded.functions()[name]
    most = it.concurrency or 100
    config = Config(
        region_name=function.split(":")[3],
        retries={"total_max_attempts": 1},
        connect_timeout=2,
        read_timeout=it.timeout + relaying.PATIENCE,
        max_pool_connections=most,
    )
    client = boto3.client("lambda", config=config)
    gateway = relaying.gateway_of(loaded, name, function)
    remote = relaying.Remote(function, it.timeout, most, client)
    serving(relaying.relay(gateway, remote, listen, port))
