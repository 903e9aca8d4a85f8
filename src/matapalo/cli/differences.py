"""`matapalo differences`: how the new side's answers differ from the monolith's."""

from typing import TYPE_CHECKING, Annotated

import typer

from matapalo.cli.options import BLUEPRINT, BlueprintFile, Json
from matapalo.cli.seat import ConductorUrl, TokenFile, seat

if TYPE_CHECKING:
    from matapalo.compare import Difference, SliceComparisons
    from matapalo.conductor.comparisons import DifferencesView

FRESH = 5.0
"""Seconds within which a comparison that lives is heard."""
MEANINGS = {
    "behind": "too many at once",
    "monolith": "the monolith did not answer",
    "unsteady": "the monolith answered twice with another status",
    "unsendable": "could not be asked again as they were",
}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(differences)


def differences(
    name: Annotated[str, typer.Argument(metavar="SLICE", help="The slice.")],
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Json = False,
) -> None:
    """Show how the new side's answers differ from the monolith's, since the stage began."""
    import asyncio

    from matapalo.cli.talk import say_json
    from matapalo.console import connect

    async def asked() -> "DifferencesView":
        async with connect(at) as client:
            return await client.differences(name)

    at = seat(blueprint, conductor, token)
    seen = asyncio.run(asked())
    if as_json:
        say_json(seen.model_dump(mode="json"))
    else:
        _show(seen)


def _show(seen: "DifferencesView") -> None:
    from matapalo.cli.talk import say

    found = seen.found
    say(f"{seen.slice}: {_counts(found)}", style="bold")
    if seen.heard is None:
        say("  no comparison has been heard yet", style="yellow")
    elif seen.heard > FRESH:
        say(f"  the comparison has been silent for {seen.heard:.0f} s", style="yellow")
    for why, count in found.skipped.items():
        say(f"  {count:,} skipped: {MEANINGS[why]}")
    route = ""
    for difference in sorted(found.differences, key=lambda one: one.route):
        if difference.route != route:
            route = difference.route
            say(route, style="bold")
        _show_difference(difference)
    if found.further:
        say(f"and {found.further:,} more of other kinds")


def _show_difference(difference: "Difference") -> None:
    from matapalo.cli.talk import say

    say(f"  {difference.count:>6,} {difference.kind} {difference.path}".rstrip())
    for example in difference.examples:
        said = f"monolith {example.monolith}, new {example.new}"
        say(f"         {example.asked} {example.place}: {said}", style="dim")


def _counts(found: "SliceComparisons") -> str:
    if not found.compared:
        return "nothing was compared in this stage"
    share = 100 * found.mismatched / found.compared
    return f"{found.compared:,} answers compared, {found.mismatched:,} differ ({share:.2g}%)"
