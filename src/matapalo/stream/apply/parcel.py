"""Parcels: batches made ready for the target by whoever reads, so that the writer only writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matapalo.errors import ShapeChanged
from matapalo.stream.batch import KeyOf, Net, collapse, key_of
from matapalo.stream.mapping import Flows
from matapalo.stream.pgoutput import Batch, Commit, Mark, Relation

Plan = Callable[[Relation], Flows]
"""Where the rows of a table go. Raises ShapeChanged where they fit nowhere."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be done to the rows of one table, and where those go."""

    net: Net
    flows: Flows


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one or many transactions do, and where they end."""

    lists: Sequence[Sequence[Item]]
    """One after another; within a list, order does not matter."""
    rows: int
    """How many changes it was made of."""
    commits: tuple[Commit, ...]
    marks: tuple[Mark, ...]
    open: bool
    """Whether the last transaction goes on in the next parcel."""


class Packer:
    """Makes parcels, and knows where the rows of each table go."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._flows: dict[Relation, Flows] = {}
        self._keys: dict[Relation, KeyOf] = {}

    def pack(self, batch: Batch) -> tuple[Parcel, ShapeChanged | None]:
        """Return a parcel. Where rows fit nowhere, it ends before the transaction that has them,
        and the reason comes with it.
        """
        for relation in dict.fromkeys(change[1] for change in batch.changes):
            if relation in self._flows:
                continue
            try:
                self._learn(relation)
            except ShapeChanged as changed:
                first = next(n for n, change in enumerate(batch.changes) if change[1] is relation)
                return self._packed(batch.before(first)), changed
        return self._packed(batch), None

    def _learn(self, relation: Relation) -> None:
        flows = self._plan(relation)
        self._flows[relation] = flows
        self._keys[relation] = key_of(flows[0].source_key)

    def _packed(self, batch: Batch) -> Parcel:
        return Parcel(
            lists=[
                [Item(net, self._flows[net.relation]) for net in nets]
                for nets in collapse(batch.changes, self._keys.__getitem__)
            ],
            rows=len(batch.changes),
            commits=batch.commits,
            marks=batch.marks,
            open=batch.open,
        )
