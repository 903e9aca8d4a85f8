"""`matapalo stream …`, `matapalo writers`: rows from one database to another, and back."""

from pathlib import Path
from typing import Annotated

import typer

from matapalo.cli.options import BLUEPRINT, LOCAL, BlueprintFile, Environment, Json
from matapalo.cli.stream_ends import Ends

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the stream is called.")]
Source = Annotated[
    str,
    typer.Option(
        "--source",
        envvar="MATAPALO_SOURCE_URL",
        metavar="URL",
        help="The database that rows come from. A password is safer in the variable.",
    ),
]
Target = Annotated[
    str,
    typer.Option(
        "--target", envvar="MATAPALO_TARGET_URL", metavar="URL", help="The one they go to."
    ),
]
Tables = Annotated[
    list[str] | None,
    typer.Option("--table", "-t", metavar="TABLE[=TO]", help="A table, and its name there."),
]
All = Annotated[bool, typer.Option("--all", help="Every table that has a key.")]
Mapping = Annotated[
    Path | None,
    typer.Option(help="A YAML file with a list of tables as a slice of a blueprint has it."),
]
Reverse = Annotated[
    bool, typer.Option("--reverse", help="The way back: from the target to the source.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Jobs = Annotated[int, typer.Option(min=1, help="How many sessions work side by side.")]

stream = typer.Typer(
    help="Copy tables from one database to another, keep them current, compare them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    for verb in (preflight, load, follow, run, verify, repair, status, drop):
        stream.command()(verb)
    stream.command("guard")(guard)
    app.add_typer(stream, name="stream")
    app.command()(writers)


def preflight(
    name: Name,
    source: Source,
    target: Target,
    table: Tables = None,
    *,
    every: All = False,
    mapping: Mapping = None,
    as_json: Json = False,
) -> None:
    """Find what would hurt later, touching nothing. Exit status 1 if it has to be mended."""
    from matapalo.cli import stream_before

    stream_before.preflight(Ends(name, source, target, table, every, mapping), as_json=as_json)


def load(
    name: Name,
    source: Source,
    target: Target,
    table: Tables = None,
    *,
    every: All = False,
    mapping: Mapping = None,
    jobs: Jobs = 4,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Copy every row under one snapshot; a load that was cut short goes on where it was."""
    from matapalo.cli import stream_before

    ends = Ends(name, source, target, table, every, mapping)
    stream_before.load(ends, jobs=jobs, dry_run=dry_run, as_json=as_json)


def follow(
    name: Name,
    source: Source,
    target: Target,
    table: Tables = None,
    *,
    mapping: Mapping = None,
    reverse: Reverse = False,
    until_now: Annotated[
        bool, typer.Option("--until-now", help="End when all that is committed now is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Keep the target current until Ctrl-C.

    With --reverse rows go back to the source, from the first start of the reverse stream on: until
    then nobody but the forward stream may have written to the target (see `guard`).
    """
    from matapalo.cli import stream_follow

    ends = Ends(name, source, target, table, mapping=mapping, reverse=reverse)
    stream_follow.follow(ends, until_now=until_now, in_json=as_json)


def run(
    slice_name: Annotated[str, typer.Argument(metavar="SLICE", help="The slice.")],
    *,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Its way back: from the new store to the monolith.")
    ] = False,
    databases: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the databases are: JSON, private.")
    ],
    blueprint: BlueprintFile = BLUEPRINT,
    environment: Environment = LOCAL,
) -> None:
    """Serve a slice's stream for ever: work whenever the conductor wants it, until SIGTERM."""
    from matapalo.cli import stream_run

    stream_run.run(
        slice_name,
        reverse=reverse,
        blueprint=blueprint,
        environment=environment,
        databases=databases,
    )


def verify(
    name: Name,
    source: Source,
    target: Target,
    table: Tables = None,
    *,
    every: All = False,
    mapping: Mapping = None,
    reverse: Reverse = False,
    unpinned: Annotated[
        bool,
        typer.Option(
            "--unpinned", help="No stream runs: read both sides as they are, what differs again."
        ),
    ] = False,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write which rows to repair.")
    ] = None,
    jobs: Jobs = 2,
    limit: Annotated[int, typer.Option(min=1, help="Rows to name, of each table.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Compare the content of both sides while both change. Exit status 1 if something differs."""
    from matapalo.cli import stream_verify

    ends = Ends(name, source, target, table, every, mapping, reverse)
    stream_verify.verify(
        ends, pin=not unpinned, plan_file=plan, jobs=jobs, limit=limit, as_json=as_json
    )


def repair(
    name: Name,
    plan: Annotated[Path, typer.Argument(help="What `verify --plan` wrote.")],
    source: Source,
    target: Target,
    table: Tables = None,
    *,
    mapping: Mapping = None,
    reverse: Reverse = False,
    yes: Yes = False,
) -> None:
    """Put rows right that are still wrong; the stream stands still for that moment."""
    from matapalo.cli import stream_verify

    ends = Ends(name, source, target, table, mapping=mapping, reverse=reverse)
    stream_verify.repair(ends, plan, yes=yes)


def status(source: Source, target: Target, *, as_json: Json = False) -> None:
    """Show every stream of these two databases: its phase, its lag, its trouble."""
    from matapalo.cli import stream_status

    stream_status.status(source, target, as_json=as_json)


def drop(name: Name, source: Source, target: Target, *, yes: Yes = False) -> None:
    """End a stream, both ways, and remove all that it made on both servers. Copied rows stay."""
    from matapalo.cli import stream_status

    stream_status.drop(name, source, target, yes=yes)


def guard(
    name: Name,
    source: Source,
    target: Target,
    *,
    close: Annotated[
        str | None,
        typer.Option(metavar="SIDE", help="Let only the stream write to `source` or `target`."),
    ] = None,
    reopen: Annotated[
        str | None, typer.Option("--open", metavar="SIDE", help="Let everyone write there again.")
    ] = None,
    owner: Annotated[str, typer.Option(help="Who writes now, for whoever is refused.")] = "",
    within: Annotated[float, typer.Option(min=0, help="Seconds to wait for writers.")] = 10,
    as_json: Json = False,
) -> None:
    """Show which tables are closed to all writers but the stream, close or open them."""
    from matapalo.cli import stream_guard

    ends = Ends(name, source, target)
    stream_guard.guard(
        ends, close=close, reopen=reopen, owner=owner, within=within, as_json=as_json
    )


def writers(
    slice_name: Annotated[
        str | None, typer.Argument(metavar="[SLICE]", help="The slice; or --url and --table.")
    ] = None,
    *,
    url: Annotated[
        str | None,
        typer.Option(envvar="MATAPALO_SOURCE_URL", help="The monolith's database."),
    ] = None,
    table: Tables = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to look.")] = 10,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Miss nobody: put a trigger on each table meanwhile."),
    ] = False,
    blueprint: BlueprintFile = BLUEPRINT,
    environment: Environment = LOCAL,
    as_json: Json = False,
) -> None:
    """List which applications and users write to a slice's tables."""
    from matapalo.cli import stream_guard

    asked = stream_guard.Asked(slice_name, url, table, blueprint, environment)
    stream_guard.writers(asked, seconds=seconds, watch=watch, as_json=as_json)
