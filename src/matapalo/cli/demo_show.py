"""The demonstration on a terminal: what happens as it happens, then the closing table."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.table import Table

from matapalo.cli.local_views import show_event
from matapalo.cli.moving import Manner, Teller
from matapalo.cli.talk import out, say, took
from matapalo.console import Client, connect
from matapalo.demo.claims import Claim, claims
from matapalo.demo.customers import Customers
from matapalo.demo.performance import Performed, bring_home, perform
from matapalo.demo.story import story
from matapalo.demo.tally import Phase, Timings
from matapalo.local import System, running

MANNER = Manner(dry_run=False, yes=True, as_json=False)
COLUMNS = (
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


async def show(blueprint: Path, *, customers: int, rate: float, leave: bool) -> None:
    """Show everything. Raises typer.Exit with 1 if a claim did not hold."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    if this is None:
        raise RuntimeError("not in a task")
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, this.cancel)
    try:
        held = await _show(blueprint, customers, rate, leave)
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGINT) from None
    raise typer.Exit(0 if held else 1)


async def _show(blueprint: Path, count: int, rate: float, leave: bool) -> bool:
    async with running(blueprint, tell=show_event) as system:
        async with connect(system.home.folder) as conductor:
            held = await _play(system, conductor, count, rate)
        if not leave:
            await _stay(system, blueprint, count, rate)
    return held


async def _play(system: System, conductor: Client, count: int, rate: float) -> bool:
    with Teller(MANNER) as teller:
        async for event in bring_home(conductor):
            teller.tell(event)
    say(f"{count} customers log in at {system.edge_url}, and make {rate:g} requests a second")
    async with Customers(system.edge_url, count, rate) as customers:
        acts = []
        with Teller(MANNER) as teller:
            async for happened in perform(story(), customers, conductor):
                if isinstance(happened, Performed):
                    acts.append(happened)
                else:
                    teller.tell(happened)
        books = await customers.settle()
        phases = customers.phases
    judged = claims(acts, phases, books, await conductor.slices(), count)
    _close(acts, phases, judged)
    return all(claim.held for claim in judged)


async def _stay(system: System, blueprint: Path, count: int, rate: float) -> None:
    """Keep everything running, customers too, so that gates have something to judge by."""
    say(f"\nIt stays up, with traffic; the site is {system.edge_url}/app")
    say(f"In {blueprint.parent}, try:")
    for line in ("matapalo slices", "matapalo back statements", "matapalo ledger -f"):
        say(f"  {line}")
    say("Ctrl-C ends it.")
    async with Customers(system.edge_url, count, rate / 5):
        await system.stopped()


def _close(acts: Sequence[Performed], phases: Sequence[Phase], judged: Sequence[Claim]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "step" else "right")
    for act in acts:
        table.add_row(*_row(act))
    say("")
    out.print(table)
    say("requests and failures from the beginning of each step; shares and latencies once it was")
    say("done, of the slice's reads, in milliseconds\n")
    for claim in judged:
        mark = "held  " if claim.held else "BROKEN"
        say(f"{mark} {claim.text}: {claim.found}", style="green" if claim.held else "bold red")
    for seen in [seen for phase in phases for seen in phase.failures][:10]:
        say(f"       {seen.path}: {seen.trouble}", style="red")


def _row(performed: Performed) -> tuple[str, ...]:
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


def _latency(timings: Timings) -> tuple[str, str]:
    if timings.p50 is None or timings.p99 is None:
        return "-", "-"
    return f"{timings.p50:.1f}", f"{timings.p99:.1f}"
