"""What passed through the edges since a moment, whatever edges and their counters do meanwhile.

    reports (cumulative, by edge and epoch) ──observe──▶ Window ──total──▶ a Meter a side

An edge's counters begin anew with every epoch. What an epoch had counted when it was last heard
stays in the window; what nobody reported is lost, so a window may hold less than the truth and
never more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, ConfigDict

from matapalo.edge.report import Meter, Report

Sides = Mapping[str, Meter]


class Count(BaseModel):
    """One edge's counters of one slice at a moment, by side."""

    model_config = ConfigDict(frozen=True)

    epoch: str
    sides: dict[str, Meter] = {}


@dataclass(frozen=True)
class Window:
    """The counts of one slice since a step ended."""

    version: int = 0
    """Edges that obey an older version are not counted yet."""
    began: Mapping[str, Count] = field(default_factory=dict)
    """Where counting began, by edge."""
    latest: Mapping[str, Count] = field(default_factory=dict)
    ended: Sides = field(default_factory=dict)
    """What epochs that are over have left."""


def opened(version: int, counts: Mapping[str, Count]) -> Window:
    """Return the window that begins where a step ended."""
    return Window(version=version, began=counts, latest=counts)


def observe(window: Window, report: Report, slice_name: str) -> Window:
    """Return the window with one more report in it."""
    count = Count(epoch=report.epoch, sides=report.meters.get(slice_name, {}))
    edge, known = report.edge, window.latest.get(report.edge)
    if known is None:
        if report.version < window.version:
            return window
        return _began(window, edge, count, count)
    if known.epoch != count.epoch:
        ended = _plus(window.ended, _at_rest(_minus(known.sides, window.began[edge].sides)))
        return _began(replace(window, ended=ended), edge, Count(epoch=count.epoch), count)
    return replace(window, latest={**window.latest, edge: count})


def total(window: Window) -> dict[str, Meter]:
    """Return what every side has answered in the window."""
    sides: Sides = window.ended
    for edge, count in window.latest.items():
        sides = _plus(sides, _minus(count.sides, window.began[edge].sides))
    return dict(sides)


def _began(window: Window, edge: str, began: Count, latest: Count) -> Window:
    return replace(
        window,
        began={**window.began, edge: began},
        latest={**window.latest, edge: latest},
    )


def _minus(later: Sides, earlier: Sides) -> Sides:
    return {side: meter.minus(earlier.get(side, Meter())) for side, meter in later.items()}


def _plus(one: Sides, other: Sides) -> Sides:
    return {
        side: one.get(side, Meter()).plus(other.get(side, Meter()))
        for side in sorted({*one, *other})
    }


def _at_rest(sides: Sides) -> Sides:
    """An epoch that is over has nothing in flight."""
    return {side: meter.model_copy(update={"active": 0}) for side, meter in sides.items()}
