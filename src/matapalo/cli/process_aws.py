"""`matapalo aws`: the emulated AWS services."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(hidden=True)(aws)


def aws(
    folder: Annotated[Path, typer.Option(help="Where its state is kept.")],
    port: Annotated[int, typer.Option(help="Where it listens, on the loopback.")],
    region: Annotated[str, typer.Option(help="The region that it stands for.")] = "us-east-1",
    public: Annotated[str, typer.Option(help="A bucket that anybody may read.")] = "",
) -> None:
    """Emulate AWS services on the loopback; `up` starts it.

    Its callers need the access key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    """
    from matapalo.local.emulator.process import serve

    serve(folder.resolve(), port, region, public)
