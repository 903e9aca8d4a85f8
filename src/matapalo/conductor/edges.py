"""The edges as the conductor knows them: what they shall do, what they do, what they count.

    GET wanted?after=N ──▶ a newer version, as soon as there is one
    POST report        ──▶ alive; obeys version N, or refused it and why; counters

An edge lives if it reported within `LIVE` seconds. One that fell silent is waited for, because it
may still carry traffic; after `FORGET` seconds it is gone. Edges that the ledger names are expected
from the start, so that a conductor that has just begun does not go past one it has not met.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from matapalo.conductor.gates import EdgeState
from matapalo.conductor.pulse import Pulse
from matapalo.conductor.window import Count, Window, observe, opened, total
from matapalo.edge.report import Meter, Report
from matapalo.edge.split import Wanted
from matapalo.errors import ConfigRejected, EdgeSilent

LIVE = 5.0
FORGET = 60.0
_LOOK = 0.25
"""How often silence is looked for, in seconds: nothing announces it."""


@dataclass(frozen=True)
class Seen:
    """An edge and when it was last heard, on the registry's clock."""

    at: float
    report: Report | None = None
    """None for one that is expected and has not spoken yet."""


class Edges:
    """The registry of edges. It is Traffic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wanted: Wanted | None = None
        self._seen: dict[str, Seen] = {}
        self._windows: dict[str, Window] = {}
        self._pulse = Pulse()
        self._closed = False

    # What edges ask and tell.

    async def wanted(self, edge: str, after: int, patience: float) -> Wanted | None:
        """Return what edges shall do, as soon as its version is above `after`; or else None."""
        deadline = self._clock() + patience
        while not self._closed:
            if self._wanted is not None and self._wanted.version > after:
                return self._wanted
            if not await self._pulse.wait(deadline - self._clock()):
                return None
        return None

    def hear(self, report: Report) -> None:
        """Take an edge's report."""
        self._seen[report.edge] = Seen(self._clock(), report)
        for name in {*report.meters, *self._windows}:
            self._windows[name] = observe(self._windows.get(name, Window()), report, name)
        self._pulse.beat()

    def expect(self, names: Iterable[str]) -> None:
        """Count on edges that the ledger knows, though they have not spoken yet."""
        for name in names:
            self._seen.setdefault(name, Seen(self._clock()))

    def close(self) -> None:
        """Let everybody who waits go."""
        self._closed = True
        self._pulse.beat()

    # What the conductor wants.

    def publish(self, wanted: Wanted) -> None:
        """Say what every edge shall do."""
        self._wanted = wanted
        self._pulse.beat()

    def begin(self, slice_name: str, version: int, counts: Mapping[str, Count]) -> None:
        """Count a slice's traffic anew, from these counters on."""
        self._windows[slice_name] = opened(version, counts)

    async def acknowledged(self, version: int, *, within: float) -> None:
        """Wait until every edge obeys a version.

        Raises ConfigRejected where an edge refuses it, and EdgeSilent where one does not obey it
        within so many seconds.
        """
        deadline = self._clock() + within
        while True:
            self._raise_refusal(version)
            missing = self._missing(version)
            if not missing:
                return
            if self._clock() >= deadline:
                raise _silent(missing, within)
            await self._pulse.wait(min(_LOOK, deadline - self._clock()))

    async def some(self, *, within: float) -> None:
        """Wait until an edge is heard from. Raises EdgeSilent if none is within so many seconds."""
        deadline = self._clock() + within
        while not any(self._is_live(seen) for seen in self._seen.values()):
            if self._clock() >= deadline:
                raise EdgeSilent(
                    "no edge is heard from", hint="Traffic needs a door: start one (`matapalo up`)."
                )
            await self._pulse.wait(min(_LOOK, deadline - self._clock()))

    async def ready(self, *, within: float) -> bool:
        """Return whether there are edges and none of them is silent, as soon as that is so."""
        deadline = self._clock() + within
        while not self._all_live():
            if self._clock() >= deadline:
                return False
            await self._pulse.wait(min(_LOOK, deadline - self._clock()))
        return True

    # What the conductor sees.

    def states(self) -> tuple[EdgeState, ...]:
        """Return every edge that is live or waited for, by name."""
        return tuple(
            EdgeState(name, self._is_live(seen), self._obeys(seen))
            for name, seen in sorted(self._known().items())
        )

    def reports(self) -> dict[str, tuple[Report | None, float]]:
        """Return every known edge's last report, and how many seconds ago it was heard."""
        now = self._clock()
        return {name: (seen.report, now - seen.at) for name, seen in sorted(self._known().items())}

    def totals(self, slice_name: str) -> dict[str, Meter]:
        """Return what every side of a slice has answered since its present step began."""
        return total(self._windows.get(slice_name, Window()))

    def counts(self, slice_name: str) -> dict[str, Count]:
        """Return every live edge's counters of a slice as they stand."""
        return {
            name: Count(epoch=seen.report.epoch, sides=seen.report.meters.get(slice_name, {}))
            for name, seen in self._known().items()
            if seen.report and self._is_live(seen)
        }

    def _known(self) -> dict[str, Seen]:
        limit = self._clock() - FORGET
        self._seen = {name: seen for name, seen in self._seen.items() if seen.at >= limit}
        return self._seen

    def _is_live(self, seen: Seen) -> bool:
        return seen.report is not None and self._clock() - seen.at <= LIVE

    def _all_live(self) -> bool:
        known = self._known().values()
        return bool(known) and all(self._is_live(seen) for seen in known)

    def _obeys(self, seen: Seen) -> bool:
        return bool(seen.report and self._wanted and seen.report.version == self._wanted.version)

    def _missing(self, version: int) -> tuple[str, ...]:
        """Return who does not obey a version, or a later one of this conductor's."""
        newest = self._wanted.version if self._wanted else 0
        known = self._known()
        missing = tuple(
            name
            for name, seen in sorted(known.items())
            if not (self._is_live(seen) and seen.report)
            or not version <= seen.report.version <= newest
        )
        return missing if known else ("no edge at all",)

    def _raise_refusal(self, version: int) -> None:
        for name, seen in sorted(self._known().items()):
            if seen.report and _refuses(seen.report, version):
                raise ConfigRejected(
                    f"Envoy refused the new split: {seen.report.rejected}",
                    where=name,
                    hint="The splits are as they were before.",
                )


def _refuses(report: Report, version: int) -> bool:
    """Whether an edge refused this version, or a later one that holds it too."""
    refused = report.rejected_version or version
    return bool(report.rejected) and report.version < version <= refused


def _silent(missing: tuple[str, ...], seconds: float) -> EdgeSilent:
    return EdgeSilent(
        f"the new split is not obeyed after {seconds:g} s",
        where=", ".join(missing),
        hint="The move goes on by itself when the edge answers again; `back` takes it back.",
    )
