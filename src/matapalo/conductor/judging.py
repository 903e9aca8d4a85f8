"""Evidence for the gates, gathered from the edges, the ledger and the new side."""

from dataclasses import dataclass
from datetime import UTC, datetime

from matapalo.blueprint import Slice
from matapalo.conductor.edges import Edges
from matapalo.conductor.fold import Kept, SliceState
from matapalo.conductor.gates import (
    Answer,
    Baseline,
    Evidence,
    Verdict,
    baseline,
    comparable,
    judge,
)
from matapalo.conductor.health import Ask
from matapalo.conductor.stages import Position, Stage
from matapalo.edge.report import Meter


@dataclass(frozen=True)
class Judged:
    """What the gates say now, and the monolith's window if it is one to compare with later."""

    verdicts: tuple[Verdict, ...]
    monolith: Meter | None


async def judged(name: str, piece: Slice, state: SliceState, edges: Edges, ask: Ask) -> Judged:
    """Judge the gates that guard a slice's way on."""
    here, totals = state.position, edges.totals(name)
    monolith = totals.get("monolith", Meter())
    asked = here < Position(Stage.SHADOWING)
    evidence = Evidence(
        edges=edges.states(),
        new=totals.get("shadow" if here.stage is Stage.SHADOWING else "new", Meter()),
        monolith=baseline(here, piece.gates, monolith, _aged(state.baseline)),
        answer=await ask(piece.to) if asked else Answer(),
    )
    return Judged(
        verdicts=judge(here, piece.gates, evidence),
        monolith=monolith if comparable(here, piece.gates, monolith) else None,
    )


def _aged(kept: Kept | None) -> Baseline | None:
    if kept is None:
        return None
    return Baseline(kept.meter, max(0.0, (datetime.now(UTC) - kept.at).total_seconds()))
