"""Where the example wallet is: in a checkout, or in the package."""

from pathlib import Path

from matapalo.errors import LocalError

HERE = Path(__file__).resolve()
PLACES = (HERE.parents[3] / "examples" / "wallet", HERE.parent / "example")


def find() -> Path:
    """Return the wallet's blueprint. Raises LocalError where it was not installed."""
    for place in PLACES:
        if (place / "matapalo.yaml").is_file():
            return place / "matapalo.yaml"
    raise LocalError(
        "the example wallet is not here",
        where=str(PLACES[0]),
        hint="Name its blueprint with --blueprint.",
    )
