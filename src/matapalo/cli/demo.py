"""`matapalo demo`: the example wallet, and slices that move under live traffic."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BlueprintFile


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(demo)


def demo(
    *,
    leave: Annotated[
        bool, typer.Option("--exit", help="End by itself; status 0 only if every claim held.")
    ] = False,
    storm: Annotated[
        bool, typer.Option("--storm", help="Kill a random process every few seconds.")
    ] = False,
    blueprint: BlueprintFile = Path(),
    customers: Annotated[int, typer.Option(min=10, max=5000, help="How many customers act.")] = 200,
    rate: Annotated[float, typer.Option(min=10, help="Requests a second that they make.")] = 150,
) -> None:
    """Run the example wallet, and move slices there and back while its customers go on."""
    from matapalo.cli.demo_show import Wish, show
    from matapalo.demo.wallet import find

    file = blueprint if blueprint != Path() else find()
    asyncio.run(show(file, Wish(customers=customers, rate=rate, leave=leave, storm=storm)))
