"""The front of the command line: every group of verbs, and how an error reaches a person."""

import os
import sys
from importlib import import_module

import typer
from rich.console import Console

from matapalo.errors import MatapaloError

GROUPS = (
    "blueprint",
    "local",
    "slices",
    "differences",
    "stream",
    "cloud",
    "package",
    "demo",
    "process_edge",
    "process_authorize",
    "process_function",
    "process_relay",
    "process_conduct",
    "process_compare",
    "process_aws",
)

app = typer.Typer(
    name="matapalo",
    help="Carries a monolith to AWS one slice at a time, live and reversibly.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in GROUPS:
    import_module(f"matapalo.cli.{group}").register(app)


def main() -> None:
    """Run the command line. Exit status: 0 done, 1 refused or failed, 130 interrupted."""
    try:
        status = app(standalone_mode=False)
    except MatapaloError as error:
        _say("error: ", str(error))
        status = 1
    except typer.TyperException as error:
        _say("error: ", error.format_message())
        status = 1
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


def _say(label: str, text: str) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(label, style="bold red", end="")
    console.print(text, markup=False)
