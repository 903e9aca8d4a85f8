"""The demonstration on a terminal: what happens as it happens, then the closing tables."""

import asyncio
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.table import Table

from matapalo.cli.local_views import show_event
from matapalo.cli.moving import Manner, Teller
from matapalo.cli.talk import out, say, took
from matapalo.console import Client, connect, seat_of
from matapalo.demo.claims import Claim, Witnessed, claims
from matapalo.demo.customers import Customers
from matapalo.demo.performance import Performed
from matapalo.demo.play import Play, Wish, is_over
from matapalo.demo.tally import Timings
from matapalo.local import System, running

MANNER = Manner(dry_run=False, yes=True, as_json=False)
STEPS = (
    "step",
    "took",
    "requests",
    "failed",
    "reads at new",
    "monolith p50",
    "p99",
    "new p50",
    "p99",
)
SWITCHES = ("switch", "writes held", "writes around it", "p50", "p99", "longest")
MOST = 10
"""Failures that are shown."""

__all__ = ["Wish", "show"]


async def show(blueprint: Path, wish: Wish) -> None:
    """Show everything. Raises typer.Exit with 1 if a claim did not hold."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    if this is None:
        raise RuntimeError("not in a task")
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, this.cancel)
    try:
        held = await _show(blueprint, wish)
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGINT) from None
    raise typer.Exit(0 if held else 1)


async def _show(blueprint: Path, wish: Wish) -> bool:
    while True:
        async with (
            running(blueprint, tell=show_event) as system,
            connect(seat_of(system.home.folder)) as conductor,
        ):
            if not await is_over(conductor):
                return await _play(system, blueprint, conductor, wish)
        say("an earlier demonstration has retired payments, which is for good: all begins anew")
        shutil.rmtree(system.home.folder)


async def _play(system: System, blueprint: Path, conductor: Client, wish: Wish) -> bool:
    with Teller(MANNER) as teller:
        seen = await Play(system, blueprint, conductor, wish, teller.tell, _aside).play()
    judged = claims(seen)
    _close(seen, judged)
    if not wish.leave:
        await _stay(system, blueprint, wish)
    return all(claim.held for claim in judged)


def _aside(text: str) -> None:
    say(text, style="dim")


async def _stay(system: System, blueprint: Path, wish: Wish) -> None:
    """Keep everything running, customers too, so that gates have something to judge by."""
    say(f"\nIt stays up, with traffic; the site is {system.edge_url}/app")
    say(f"In {blueprint.parent}, try:")
    for line in ("matapalo slices", "matapalo back limits", "matapalo ledger -f"):
        say(f"  {line}")
    say("Ctrl-C ends it.")
    async with Customers(system.edge_url, wish.customers, wish.rate / 5):
        await system.stopped()


def _close(seen: Witnessed, judged: Sequence[Claim]) -> None:
    say("")
    out.print(_table(STEPS, [_step(act) for act in seen.acts]))
    say("requests and failures from the beginning of each step; shares and latencies once it was")
    say("done, of the slice's reads, in milliseconds\n")
    out.print(_table(SWITCHES, [_switch(act) for act in seen.acts if act.pause is not None]))
    say("for how long writes were told to wait; and how long those took, as customers saw it, that")
    say("were under way then or half a second before or after, in milliseconds\n")
    kept_back = sum(t.kept_back for phase in seen.phases for t in phase.slices.values())
    say(f"{kept_back:,} reads were kept back at the monolith: who asked had just written\n")
    for claim in judged:
        mark = "held  " if claim.held else "BROKEN"
        say(f"{mark} {claim.text}: {claim.found}", style="green" if claim.held else "bold red")
    failures = [one for phase in seen.phases for one in phase.failures if not seen.excused(one)]
    for one in failures[:MOST]:
        say(f"       {one.path}: {one.trouble}", style="red")


def _table(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="left" if name == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    return table


def _step(performed: Performed) -> tuple[str, ...]:
    traffic = performed.settled.slices[performed.act.slice]
    both = (performed.moving, performed.settled)
    return (
        performed.act.title,
        took(performed.step),
        f"{sum(phase.requests for phase in both):,}",
        f"{sum(phase.failed for phase in both)}",
        "-" if traffic.share_new is None else f"{traffic.share_new:.1%}",
        *_latency(traffic.reads["monolith"]),
        *_latency(traffic.reads["new"]),
    )


def _switch(performed: Performed) -> tuple[str, ...]:
    waited = performed.waited
    values = (waited.p50, waited.p99, waited.longest)
    return (
        performed.act.title,
        f"{performed.pause:.0f}",
        f"{waited.requests}",
        *("-" if value is None else f"{value:.0f}" for value in values),
    )


def _latency(timings: Timings) -> tuple[str, str]:
    if timings.p50 is None or timings.p99 is None:
        return "-", "-"
    return f"{timings.p50:.1f}", f"{timings.p99:.1f}"
