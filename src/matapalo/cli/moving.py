"""Moving a slice from the command line: explain, ask, then tell each step as it is done."""

import asyncio
import getpass
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import typer
from rich.status import Status

from matapalo.cli.talk import confirm, out, say, took
from matapalo.conductor import Acted, Arrived, Event, Mark, Outcome, Planned, Verdict, Waiting
from matapalo.console import Client, Seat, connect
from matapalo.errors import MoveRefused

WHO = "MATAPALO_WHO"
"""The variable that says whom the ledger names, where that is not the user of this machine."""

EVERY = 10.0
"""Seconds between two lines of the same wait, where lines cannot change."""


@dataclass(frozen=True)
class Manner:
    """How a person wants it."""

    dry_run: bool
    yes: bool
    as_json: bool


def move(seat: Seat, verb: str, name: str, wish: Mapping[str, object], manner: Manner) -> None:
    """Move a slice, and tell what happens. `verb` is `advance` or `back`."""
    asyncio.run(_move(seat, verb, name, {**wish, "who": _who()}, manner))


def approve(seat: Seat, name: str, why: str) -> None:
    """Say yes to a slice's next step."""

    async def say_yes() -> None:
        async with connect(seat) as conductor:
            await conductor.approve(name, who=_who(), why=why)

    asyncio.run(say_yes())
    say(f"{name}: the next step is approved")


async def _move(
    seat: Seat, verb: str, name: str, wish: Mapping[str, object], manner: Manner
) -> None:
    async with connect(seat) as conductor:
        if manner.dry_run or not manner.yes:
            steps = await _explained(conductor, verb, name, wish)
            if not manner.dry_run:
                _ask(name, steps)
        events = 0
        asked = {**wish, "dry_run": manner.dry_run}
        with Teller(manner) as teller:
            async for event in conductor.move(verb, name, asked):
                events += 1
                teller.tell(event)
        if not events and not manner.as_json:
            say(f"{name} is there already")


async def _explained(
    conductor: Client, verb: str, name: str, wish: Mapping[str, object]
) -> list[Planned]:
    events = conductor.move(verb, name, {**wish, "dry_run": True})
    return [event async for event in events if isinstance(event, Planned)]


def _ask(name: str, steps: list[Planned]) -> None:
    """Ask before writes change owner. Nobody to ask is no yes."""
    weighty = [step for step in steps if step.weighty]
    if not weighty:
        return
    text = f"{name} goes from {weighty[0].start} to {weighty[-1].goal}"
    if not sys.stdin.isatty():
        raise MoveRefused(f"{text}, and nobody is there to ask", hint="Say yes with --yes.")
    confirm(f"{text}: {weighty[-1].actions[0]}. Go on?", yes=False)


class Teller:
    """Prints what happens to slices. A wait is one line that changes, or one every while."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._wait: Status | None = None
        self._said_at = -EVERY

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over()

    def tell(self, event: Event) -> None:
        """Print something that happened."""
        if self._manner.as_json:
            typer.echo(event.model_dump_json())
            return
        if isinstance(event, Waiting):
            self._waits(waiting_line(event))
            return
        self._over()
        match event:
            case Planned():
                _tell_plan(event, dry_run=self._manner.dry_run)
            case Acted():
                say(f"  {event.text} ({took(event.seconds)})")
            case Arrived():
                _tell_arrival(event)

    def _waits(self, text: str) -> None:
        if out.is_terminal:
            if self._wait is None:
                self._wait = out.status(text)
                self._wait.start()
            self._wait.update(text)
        elif time.monotonic() - self._said_at >= EVERY:
            self._said_at = time.monotonic()
            say(f"  {text}", style="dim")

    def _over(self) -> None:
        if self._wait:
            self._wait.stop()
        self._wait, self._said_at = None, -EVERY


def _tell_plan(plan: Planned, *, dry_run: bool) -> None:
    say(f"{plan.slice}: {plan.start} → {plan.goal}", style="bold")
    for verdict in plan.verdicts:
        say(f"  {verdict_line(verdict)}", style=STYLES[verdict.outcome])
    if plan.forced:
        say("  the gates are overridden", style="yellow")
    for crossing in plan.crossings:
        say(f"  crosses the border: {crossing.what}", style="yellow")
        say(f"    {crossing.choices}", style="dim")
    for number, action in enumerate(plan.actions if dry_run else (), 1):
        say(f"  would do {number}: {action}")


def _tell_arrival(event: Arrived) -> None:
    if event.timeline:
        say(f"  {timeline_line(event.timeline)}")
    for what in event.remains:
        say(f"  left to you: {what}", style="yellow")
    say(f"{event.slice} is at {event.position} ({took(event.seconds)})", style="bold green")


def timeline_line(timeline: Sequence[Mark]) -> str:
    """Say what happened when, since writes were told to wait."""
    return "writes waited: " + " · ".join(f"{mark.what} {mark.ms:.1f} ms" for mark in timeline)


def waiting_line(event: Waiting) -> str:
    """Say what a move waits for; several gates may wait for the same."""
    open_gates = [verdict for verdict in event.verdicts if verdict.outcome is not Outcome.PASS]
    reasons = "; ".join(dict.fromkeys(verdict.why for verdict in open_gates))
    return f"waits up to {event.left:.0f} s to go to {event.goal}: {reasons}"


STYLES = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.INCONCLUSIVE: "yellow"}


def verdict_line(verdict: Verdict) -> str:
    """Say a verdict in a line."""
    return f"{verdict.outcome.value:<12} {verdict.name}: {verdict.why}"


def _who() -> str:
    if who := os.environ.get(WHO):
        return who
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
