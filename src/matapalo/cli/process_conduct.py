"""`matapalo conduct`: the conductor, and the API it is asked by."""

import os
from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import (
    BLUEPRINT,
    LOCAL,
    LOOPBACK,
    BlueprintFile,
    Environment,
    Listen,
    home_of,
)
from matapalo.cli.serving import serving
from matapalo.errors import MatapaloError

LEDGER_URL = "MATAPALO_LEDGER_URL"


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command("conduct")(conduct)


def conduct(
    *,
    port: Annotated[int, typer.Option(help="The port to listen on.")],
    token_file: Annotated[Path, typer.Option(help="Holds the token that callers must show.")],
    blueprint: BlueprintFile = BLUEPRINT,
    environment: Environment = LOCAL,
    endpoints: Annotated[
        Path | None,
        typer.Option(help="Where everything answers; beside the blueprint's state if not given."),
    ] = None,
    databases: Annotated[
        Path | None,
        typer.Option(help="Where slices' tables are: JSON, with the monolith's URL and stores'."),
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0.1, help="Seconds that edges may take to obey a step.")
    ] = 30,
    listen: Listen = LOOPBACK,
) -> None:
    """Move slices as asked, by the ledger that MATAPALO_LEDGER_URL names."""
    from matapalo.blueprint import load
    from matapalo.console import serve

    serving(
        serve(
            load(blueprint, environment),
            port=port,
            token=_token(token_file),
            ledger_url=_ledger_url(),
            endpoints=endpoints or home_of(blueprint) / "endpoints.json",
            databases=databases,
            patience=patience,
            listen=listen,
        )
    )


def _token(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except OSError as error:
        raise MatapaloError(
            f"the token cannot be read: {error.strerror}", where=str(file)
        ) from error
    if not token:
        raise MatapaloError("the token is empty", where=str(file), hint="Callers must show one.")
    return token


def _ledger_url() -> str:
    url = os.environ.get(LEDGER_URL, "")
    if not url:
        raise MatapaloError(
            f"{LEDGER_URL} is not set", hint="It names the PostgreSQL database of the ledger."
        )
    return url
