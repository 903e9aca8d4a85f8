"""The processes of the system: each is one verb of one program."""

from importlib import import_module
from importlib.util import find_spec

import typer

VERBS = ("edge", "authorize", "function", "conduct", "aws")


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    for verb in VERBS:
        name = f"matapalo.cli.process_{verb}"
        if find_spec(name):
            import_module(name).register(app)
