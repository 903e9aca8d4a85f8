"""Evidence for the gates, gathered from the edges, the ledger and the new side."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from matapalo.blueprint import Slice
from matapalo.conductor.edges import Edges
from matapalo.conductor.fold import Kept, SliceState
from matapalo.conductor.gates import (
    Answer,
    Baseline,
    Compared,
    Evidence,
    baseline,
    comparable,
    judge,
)
from matapalo.conductor.health import Ask
from matapalo.conductor.hook import ask_hook
from matapalo.conductor.observing import Observer
from matapalo.conductor.stages import Stage
from matapalo.conductor.verdict import Verdict
from matapalo.edge.report import Meter


class Answers(Protocol):
    """Whoever holds answers of both sides against each other."""

    def counts(self, slice_name: str) -> Compared:
        """Return what was compared since the slice came to its stage."""
        ...

    def begin(self, slice_name: str) -> None:
        """Count a slice's comparisons anew."""
        ...


@dataclass(frozen=True)
class Judged:
    """What the gates say now, and the monolith's window if it is one to compare with later."""

    verdicts: tuple[Verdict, ...]
    monolith: Meter | None


@dataclass(frozen=True)
class Sources:
    """Where evidence comes from."""

    edges: Edges
    ask: Ask
    observer: Observer
    answers: Answers | None = None
    """None where nothing compares answers."""


async def judged(name: str, piece: Slice, state: SliceState, sources: Sources) -> Judged:
    """Judge the gates that guard a slice's way on."""
    here, totals = state.position, sources.edges.totals(name)
    monolith = totals.get("monolith", Meter())
    asked = here.stage in {Stage.MONOLITH, Stage.FOLLOWING}
    evidence = Evidence(
        edges=sources.edges.states(),
        new=totals.get("shadow" if here.stage is Stage.SHADOWING else "new", Meter()),
        monolith=baseline(here, piece.gates, monolith, _aged(state.baseline)),
        answer=await sources.ask(piece.to) if asked else Answer(),
        stay=_seconds_since(state.since) if state.since else 0,
        approved=state.approved,
        hook=await ask_hook(piece.gates.hook, name, here) if piece.gates.hook else None,
        tables=sources.observer.seen(name),
        answers=sources.answers.counts(name) if sources.answers and piece.compare else None,
    )
    return Judged(
        verdicts=judge(here, piece.gates, evidence),
        monolith=monolith if comparable(here, piece.gates, monolith) else None,
    )


def _seconds_since(at: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - at).total_seconds())


def _aged(kept: Kept | None) -> Baseline | None:
    if kept is None:
        return None
    return Baseline(kept.meter, _seconds_since(kept.at))
