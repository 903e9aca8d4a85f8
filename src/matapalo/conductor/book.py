"""The leader's hand: it writes the ledger, and lets what it wrote take effect.

    Draft ──▶ ledger ──▶ Entry ──fold──▶ World ──▶ what edges shall do, where counting begins

Nothing takes effect that is not in the ledger, and everything that is takes effect, now or after
a crash, through this one way.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from matapalo.conductor.entry import Draft, Entry
from matapalo.conductor.fold import fold, wanted
from matapalo.conductor.traffic import Traffic


class Journal(Protocol):
    """Where entries are kept."""

    async def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Write entries, all or none."""
        ...


class Book:
    """The ledger and its meaning, held by the leader."""

    def __init__(
        self, journal: Journal, traffic: Traffic, names: frozenset[str], entries: Iterable[Entry]
    ) -> None:
        self._journal = journal
        self._traffic = traffic
        self._names = names
        self.world = fold(entries)
        for name in sorted(names):
            self._count(name)
        traffic.publish(wanted(self.world, names))

    async def write(self, *drafts: Draft) -> Entry:
        """Write entries, all or none, let them take effect, and return the last."""
        entries = await self._journal.append(drafts)
        before = self.world
        self.world = fold(entries, before)
        for name in dict.fromkeys(entry.slice for entry in entries):
            if self.world.of(name).counts is not before.of(name).counts:
                self._count(name)
        if self.world.version != before.version:
            self._traffic.publish(wanted(self.world, self._names))
        return entries[-1]

    def edges(self) -> frozenset[str]:
        """Return the edges that took part in the slices' last steps."""
        states = self.world.slices.values()
        return frozenset(edge for state in states for edge in state.counts or ())

    def _count(self, name: str) -> None:
        state = self.world.of(name)
        if state.counts is not None:
            self._traffic.begin(name, state.version, state.counts)
