"""`matapalo slices | advance | back | gates | approve | verify | crossings | ledger`: slices."""

from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, BlueprintFile, Json
from matapalo.cli.seat import ConductorUrl, TokenFile, seat

Name = Annotated[str, typer.Argument(metavar="SLICE", help="The slice.")]
To = Annotated[str | None, typer.Option(help="Go to this stage, through all before it.")]
Percent = Annotated[
    float | None, typer.Option(help="Let this share of users read from the new side.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Events = Annotated[bool, typer.Option("--json", help="Print what happens as JSON, a line each.")]
Why = Annotated[str, typer.Option(help="The reason, for the ledger.")]


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    for verb in (slices, advance, back, gates, approve, verify, crossings, ledger):
        app.command()(verb)


def slices(
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Json = False,
) -> None:
    """Show every slice: where it is, and how both its sides do there."""
    from matapalo.cli import looking

    looking.slices(seat(blueprint, conductor, token), as_json=as_json)


def gates(
    name: Name,
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Json = False,
) -> None:
    """Show what guards a slice's way on: every gate, what it measured, what it allows."""
    from matapalo.cli import looking

    looking.gates(seat(blueprint, conductor, token), name, as_json=as_json)


def approve(
    name: Name,
    *,
    why: Why = "",
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
) -> None:
    """Say yes to a slice's next step, where its gates ask for a person."""
    from matapalo.cli import moving

    moving.approve(seat(blueprint, conductor, token), name, why)


def verify(
    name: Name,
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Json = False,
) -> None:
    """Compare the content of a slice's tables on both sides. Exit status 1 if something differs."""
    from matapalo.cli import looking

    looking.verify(seat(blueprint, conductor, token), name, as_json=as_json)


def crossings(
    name: Name,
    *,
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Json = False,
) -> None:
    """Show what crosses a slice's border: foreign keys, triggers, views; and what can be done."""
    from matapalo.cli import looking

    looking.crossings(seat(blueprint, conductor, token), name, as_json=as_json)


def ledger(
    name: Annotated[
        str | None, typer.Argument(metavar="[SLICE]", help="Only this slice's entries.")
    ] = None,
    *,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, max=1000, help="How many to begin with.")
    ] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Json = False,
) -> None:
    """Show who moved what, when and why. With --json, an entry a line."""
    from matapalo.cli import looking

    looking.ledger(
        seat(blueprint, conductor, token), name, lines=lines, follow=follow, as_json=as_json
    )


def advance(
    name: Name,
    *,
    to: To = None,
    percent: Percent = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for gates that know too little yet.")
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although gates did not pass; needs --why.")
    ] = False,
    why: Why = "",
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Events = False,
) -> None:
    """Move a slice forward: one step or, with --to, as far as its gates let it."""
    from matapalo.cli.moving import Manner, move

    wish = {"to": to, "percent": percent, "wait": wait, "force": force, "why": why}
    move(seat(blueprint, conductor, token), "advance", name, wish, Manner(dry_run, yes, as_json))


def back(
    name: Name,
    *,
    to: To = None,
    percent: Percent = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    why: Why = "",
    blueprint: BlueprintFile = BLUEPRINT,
    conductor: ConductorUrl = None,
    token: TokenFile = None,
    as_json: Events = False,
) -> None:
    """Move a slice back, gated by nothing: one step or, with --to, as far as that."""
    from matapalo.cli.moving import Manner, move

    wish = {"to": to, "percent": percent, "why": why}
    move(seat(blueprint, conductor, token), "back", name, wish, Manner(dry_run, yes, as_json))
