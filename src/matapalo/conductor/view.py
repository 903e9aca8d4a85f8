"""What people see of a slice: where it is, how both sides do, what its gates say."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from matapalo.blueprint import Slice
from matapalo.conductor.data import Verified
from matapalo.conductor.fold import SliceState
from matapalo.conductor.stages import Position
from matapalo.conductor.verdict import Verdict
from matapalo.conductor.way import way
from matapalo.edge.report import Meter


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SideView(_View):
    """What one side has answered since the present step began. Latencies in milliseconds."""

    requests: int
    errors: int
    error_rate: float | None
    """In percent; nothing where there were no requests."""
    p50: float | None
    p95: float | None
    p99: float | None


class MoveView(_View):
    """A move that has begun and not ended."""

    start: Position
    goal: Position
    who: str
    since: datetime
    trouble: str
    """Why it stands still, if it does."""


class SliceView(_View):
    """One slice."""

    name: str
    to: str
    stage: str
    percent: float
    since: datetime | None
    """When it came there; nothing for a slice that never moved."""
    next: str | None
    """The next position on its way."""
    move: MoveView | None
    hindrance: str
    """Why it cannot move at all, if it cannot."""
    routes: tuple[str, ...]
    tables: tuple[str, ...]
    verified: Verified | None
    """The last comparison of the contents of its tables."""
    refused: int | None = None
    """How many writers went past the edge and met a closed table; nothing where it is unknown."""
    sides: dict[str, SideView]
    gates: tuple[Verdict, ...]


def view(
    name: str,
    piece: Slice,
    state: SliceState,
    *,
    totals: dict[str, Meter],
    verdicts: tuple[Verdict, ...],
    hindrance: str,
    refused: int | None = None,
) -> SliceView:
    """Return what people see of a slice."""
    later = [position for position in way(piece) if position > state.position]
    move = state.move
    return SliceView(
        name=name,
        to=piece.to,
        stage=state.position.stage.value,
        percent=state.position.percent,
        since=state.since,
        next=str(later[0]) if later else None,
        move=move and MoveView.model_validate(move, from_attributes=True),
        hindrance=hindrance,
        routes=tuple(f"{','.join(route.methods)} {route.path}".strip() for route in piece.routes),
        tables=tuple(table.name for table in piece.tables),
        verified=state.verified,
        refused=refused,
        sides={side: _side(meter) for side, meter in sorted(totals.items())},
        gates=verdicts,
    )


def _side(meter: Meter) -> SideView:
    return SideView(
        requests=meter.requests,
        errors=meter.errors,
        error_rate=meter.error_rate(),
        p50=meter.percentile(0.50),
        p95=meter.percentile(0.95),
        p99=meter.percentile(0.99),
    )
