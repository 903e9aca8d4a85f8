"""Looking at slices from the command line: their places, their gates, their ledger."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import typer
from rich.table import Table

from matapalo.cli.moving import STYLES, timeline_line, verdict_line
from matapalo.cli.talk import out, say, say_json, took
from matapalo.conductor import Entry, Outcome, SideView, SliceView
from matapalo.console import Client, Seat, connect

T = TypeVar("T")

_EVERY = 1.0
"""How often the ledger is asked for news, in seconds."""


def slices(seat: Seat, *, as_json: bool) -> None:
    """Show every slice."""
    seen = asyncio.run(_asked(seat, lambda conductor: conductor.slices()))
    if as_json:
        say_json([one.model_dump(mode="json") for one in seen])
    elif seen:
        out.print(_table(seen))
    else:
        say("the blueprint names no slices")


def gates(seat: Seat, name: str, *, as_json: bool) -> None:
    """Show what guards a slice's way on."""
    seen = asyncio.run(_asked(seat, lambda conductor: conductor.slice(name)))
    if as_json:
        say_json(seen.model_dump(mode="json")["gates"])
        return
    say(f"{name}: {_place(seen)} → {seen.next or 'the end'}", style="bold")
    if seen.hindrance:
        say(f"  {seen.hindrance}", style="yellow")
    for verdict in seen.gates:
        say(f"  {verdict_line(verdict)}", style=STYLES[verdict.outcome])
    if seen.refused:
        say(
            f"  {seen.refused} writers were refused by closed tables: they go past the edge"
            " (matapalo.refused on the other side says who)",
            style="yellow",
        )


def verify(seat: Seat, name: str, *, as_json: bool) -> None:
    """Compare a slice's tables; end with status 1 if something differs."""
    found = asyncio.run(_asked(seat, lambda conductor: conductor.verify(name)))
    if as_json:
        say_json(found.model_dump(mode="json"))
    else:
        for fault in found.faults:
            say(f"  {fault}", style="red")
        said = "the same on both sides" if found.clean else f"{found.differing} differ"
        say(f"{found.rows:,} rows at {found.position}: {said} ({took(found.seconds)})")
    if not found.clean:
        raise typer.Exit(1)


def crossings(seat: Seat, name: str, *, as_json: bool) -> None:
    """Show what crosses a slice's border."""
    found = asyncio.run(_asked(seat, lambda conductor: conductor.border(name)))
    if as_json:
        say_json([{"what": one.what, "choices": one.choices} for one in found])
        return
    for one in found:
        say(one.what)
        say(f"  {one.choices}", style="dim")
    if not found:
        say(f"nothing crosses the border of {name}")


def ledger(seat: Seat, name: str | None, *, lines: int, follow: bool, as_json: bool) -> None:
    """Show the ledger's last entries, and go on with what comes if told to."""
    asyncio.run(_ledger(seat, name, lines, follow, _json_line if as_json else _entry_line))


async def _ledger(
    seat: Seat, name: str | None, lines: int, follow: bool, line: Callable[[Entry], str]
) -> None:
    async with connect(seat) as conductor:
        entries = await conductor.ledger(slice_name=name, limit=lines)
        for entry in entries:
            say(line(entry))
        last = entries[-1].id if entries else 0
        while follow:
            await asyncio.sleep(_EVERY)
            for entry in await conductor.ledger(slice_name=name, after=last, limit=1000):
                say(line(entry))
                last = entry.id


async def _asked(seat: Seat, question: Callable[[Client], Awaitable[T]]) -> T:
    async with connect(seat) as conductor:
        return await question(conductor)


def _table(seen: tuple[SliceView, ...]) -> Table:
    """Requests, errors in percent and p99 of each side, since the present step began."""
    table = Table(box=None, pad_edge=False)
    for name in ("slice", "at", "to"):
        table.add_column(name, no_wrap=True)
    for side in ("monolith", "new"):
        for name in (side, "err %", "p99 ms"):
            table.add_column(name, no_wrap=True, justify="right")
    table.add_column("gates")
    for one in seen:
        new = one.sides.get("shadow" if one.stage == "shadowing" else "new")
        sides = (*_side(one.sides.get("monolith")), *_side(new))
        table.add_row(one.name, _place(one), one.to, *sides, _summary(one))
    return table


def _place(one: SliceView) -> str:
    here = f"{one.stage} {one.percent:g}%" if one.percent else one.stage
    return f"{here} ⇢ {one.move.goal}" if one.move else here


def _side(side: SideView | None) -> tuple[str, str, str]:
    if side is None or not side.requests:
        return ("-", "", "")
    p99 = "" if side.p99 is None else f"{side.p99:.0f}"
    return (str(side.requests), f"{side.error_rate or 0:.2g}", p99)


def _summary(one: SliceView) -> str:
    if one.hindrance:
        return one.hindrance
    if one.move and one.move.trouble:
        return one.move.trouble.splitlines()[0]
    open_gates = [verdict for verdict in one.gates if verdict.outcome is not Outcome.PASS]
    if not open_gates:
        return "pass"
    worst = min(open_gates, key=lambda verdict: verdict.outcome is not Outcome.FAIL)
    return f"{worst.name} {worst.outcome.value}: {worst.why}"


def _json_line(entry: Entry) -> str:
    return entry.model_dump_json(exclude_defaults=True)


def _entry_line(entry: Entry) -> str:
    what = f"  {entry.action}" if entry.kind == "action" else entry.kind
    at = f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}"
    said = ", ".join(_details(entry))
    line = f"{entry.id:>6} {at} {entry.slice} {what} {entry.state}: {entry.text}"
    return f"{line} ({said})" if said else line


def _details(entry: Entry) -> Iterator[str]:
    if entry.kind == "move" and entry.state == "begun":
        yield f"by {entry.who}"
        if entry.why:
            yield f"why: {entry.why}"
    if entry.facts.forced:
        yield "gates overridden"
    if entry.facts.timeline:
        yield timeline_line(entry.facts.timeline)
    if entry.facts.trouble:
        yield entry.facts.trouble.splitlines()[0]
