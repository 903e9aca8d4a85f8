"""Which conductor is asked: the one beside the blueprint, or one that is named, as in a cluster."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from matapalo.cli.options import home_of
from matapalo.errors import ConductorSilent

if TYPE_CHECKING:
    from matapalo.console import Seat

ConductorUrl = Annotated[
    str | None,
    typer.Option(
        "--conductor",
        envvar="MATAPALO_CONDUCTOR",
        metavar="URL",
        help="Ask the conductor that answers there; the one beside the blueprint if not given.",
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", envvar="MATAPALO_TOKEN_FILE", help="The file of the token it wants."
    ),
]


def seat(blueprint: Path, conductor: str | None, token: Path | None) -> "Seat":
    """Return where the conductor answers, and what it wants to see. Raises ConductorSilent."""
    from matapalo.console import Seat, seat_of

    if conductor is None:
        return seat_of(home_of(blueprint))
    if urlsplit(conductor).scheme not in ("http", "https") or not urlsplit(conductor).hostname:
        hint = "like http://127.0.0.1:8080"
        raise ConductorSilent("a conductor answers at a URL", where=conductor, hint=hint)
    if token is None:
        hint = "name the file that holds it: --token-file"
        raise ConductorSilent("the conductor wants a token", where=conductor, hint=hint)
    try:
        return Seat(conductor, token.read_text().strip())
    except OSError as error:
        what = f"the token cannot be read: {error.strerror}"
        raise ConductorSilent(what, where=str(token)) from error
