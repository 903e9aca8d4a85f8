"""How both sides' answers differ, since a slice's stage began, whatever the comparison does.

    Comparisons (cumulative, by process epoch) ──hear──▶ windows ──of──▶ SliceComparisons

A process's counts begin at the first word that is heard of it in the stage: what it had counted
before is not this stage's, and what it counts after its last word is lost. A stage may hold less
than the truth, and never more.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from matapalo.blueprint.nearest import nearest
from matapalo.compare import Comparisons, SliceComparisons
from matapalo.conductor.gates import Compared
from matapalo.errors import UnknownSlice


class DifferencesView(BaseModel):
    """What people see of one slice's differences."""

    model_config = ConfigDict(frozen=True)

    slice: str
    heard: float | None
    """How many seconds ago a comparison was heard; nothing if none ever was."""
    found: SliceComparisons


EPOCHS = 8
"""Processes of which counts are held apart; those that were heard the longest ago are added up."""


@dataclass(frozen=True)
class _Count:
    """One process's counts of a slice: where the stage began, and now."""

    began: SliceComparisons
    latest: SliceComparisons

    @property
    def window(self) -> SliceComparisons:
        return self.latest.minus(self.began)


@dataclass
class _Window:
    """One slice's stage."""

    ended: SliceComparisons = field(default_factory=SliceComparisons)
    counts: dict[str, _Count] = field(default_factory=dict)
    """By epoch, the one that was heard last at the end."""

    def hear(self, epoch: str, latest: SliceComparisons) -> None:
        known = self.counts.pop(epoch, None)
        self.counts[epoch] = _Count(known.began if known else latest, latest)
        if len(self.counts) > EPOCHS:
            oldest = next(iter(self.counts))
            self.ended = self.ended.plus(self.counts.pop(oldest).window)

    def total(self) -> SliceComparisons:
        total = self.ended
        for count in self.counts.values():
            total = total.plus(count.window)
        return total


class Differences:
    """What is known of them. `names` are the blueprint's slices."""

    def __init__(
        self, names: Iterable[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._windows = {name: _Window() for name in names}
        self._clock = clock
        self._heard: float | None = None

    def begin(self, slice_name: str) -> None:
        """Count a slice's comparisons anew: it has come to another stage."""
        self._windows[slice_name] = _Window()

    def hear(self, said: Comparisons) -> None:
        """Take a comparison's word; what it says of slices that are unknown here is left out."""
        self._heard = self._clock()
        for name, latest in said.slices.items():
            if name in self._windows:
                self._windows[name].hear(said.epoch, latest)

    def of(self, slice_name: str) -> SliceComparisons:
        """Return what was found since a slice's stage began. Raises UnknownSlice."""
        if slice_name not in self._windows:
            hint = nearest(slice_name, self._windows, noun="slices")
            raise UnknownSlice(f"no slice {slice_name!r}", hint=hint)
        return self._windows[slice_name].total()

    def view(self, slice_name: str) -> DifferencesView:
        """Return what people see of a slice. Raises UnknownSlice."""
        heard = None if self._heard is None else round(self._clock() - self._heard, 3)
        return DifferencesView(slice=slice_name, heard=heard, found=self.of(slice_name))

    def counts(self, slice_name: str) -> Compared:
        """Return how many answers were compared and differed. Raises UnknownSlice."""
        total = self.of(slice_name)
        return Compared(total.compared, total.mismatched)
