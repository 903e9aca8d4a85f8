"""Planning: where the rows of a table go, held against both sides as they are now.

The log says what rows look like (`Relation`), the catalog of the source what it does not say: the
key, and what types are. They can differ, since the catalog is of now and the log of then. The log
is right about the rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from matapalo.errors import MappingWrong, ShapeChanged
from matapalo.stream import catalog
from matapalo.stream.catalog import types
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.mapping import Flow, Flows, of_source
from matapalo.stream.pgoutput import LogColumn, Relation
from matapalo.stream.shape import Column, Identity, Name, Shape

Shapes = Mapping[Name, Shape]
Mapper = Callable[[Shapes, Shapes], Flows]
"""The stream's flows, from the shapes of its source's and its target's tables.

Raises MappingWrong or NotInvertible."""


class Planner:
    """Knows both sides, and looks again when the log describes a table otherwise."""

    def __init__(
        self,
        source: str,
        target: str,
        mapper: Mapper,
        *,
        sources: tuple[Name, ...],
        targets: tuple[Name, ...],
    ) -> None:
        self._source = source
        self._target = target
        self._mapper = mapper
        self._names = (sources, targets)
        self._shapes: Shapes = {}
        self.flows: Flows = ()

    def look(self) -> None:
        """Read both sides. Raises DatabaseSilent or DatabaseRefused.

        That the mapping does not fit is no trouble yet: the log may be of before the alteration.
        """
        try:
            self._read(None)
        except MappingWrong:
            self.flows = ()

    @property
    def binary(self) -> bool:
        """Whether the cells of every column that goes along mean the same on both servers."""
        if self.flows:
            return all(_portable(flow) for flow in self.flows)
        return all(column.portable for shape in self._shapes.values() for column in shape.sent)

    def plan(self, relation: Relation) -> Flows:
        """Return the flows of a table. Raises ShapeChanged where its rows fit nowhere."""
        shape = self._shapes.get(relation.name)
        if not self.flows or shape is None or not _alike(shape, relation):
            try:
                self._read(relation)
            except MappingWrong as wrong:
                raise _changed(relation, wrong.what) from None
        flows = of_source(self.flows, relation.name)
        if not flows:
            raise _changed(relation, "no table of the stream is called so")
        return flows

    def _read(self, relation: Relation | None) -> None:
        """Read the shapes of both sides, one table's rows as the log has them."""
        sources, targets = self._names
        with connect(self._source, application="matapalo stream") as source:
            found = dict(catalog.shapes(source, sources))
            if relation is not None and relation.name in found:
                found[relation.name] = as_logged(source, found[relation.name], relation)
        with connect(self._target, application="matapalo stream") as target:
            there = catalog.shapes(target, targets)
        self._shapes = found
        self.flows = self._mapper(found, there)


def as_logged(source: Connection, shape: Shape, relation: Relation) -> Shape:
    """Return a table's shape with the columns that the log's rows have."""
    names = [column.name for column in relation.columns]
    columns = tuple(_column(source, shape, logged) for logged in relation.columns)
    generated = tuple(c for c in shape.columns if c.generated and c.name not in names)
    return replace(
        shape,
        columns=columns + generated,
        key=shape.key if set(shape.key) <= set(names) else (),
        identity=Identity(relation.identity),
        identity_columns=tuple(names[place] for place in relation.identifying),
    )


def _column(source: Connection, shape: Shape, logged: LogColumn) -> Column:
    known = shape.column(logged.name)
    if known is not None and known.oid == logged.oid:
        return replace(known, generated="")
    with answers(source):
        row = source.execute("SELECT format_type(%s, %s)", [logged.oid, logged.modifier]).fetchone()
        found = types.read(source, {logged.oid})
    name = str(row[0]) if row else "text"
    return Column(
        name=logged.name,
        type=name,
        oid=logged.oid,
        portable=types.portable(found, logged.oid),
        stage=types.stage(found, logged.oid, name),
        toastable=True,
    )


def _alike(shape: Shape, relation: Relation) -> bool:
    """Whether the log's rows are what the catalog says."""
    return [(c.name, c.oid) for c in shape.sent] == [(c.name, c.oid) for c in relation.columns]


def _portable(flow: Flow) -> bool:
    sent = flow.source.sent
    if flow.where is not None and not flow.where_at_source:
        return all(column.portable for column in sent)
    return all(sent[value.source].portable for value in flow.values if value.source is not None)


def _changed(relation: Relation, why: str) -> ShapeChanged:
    return ShapeChanged(
        f"the source's table was altered: {why}",
        where=str(relation.name),
        hint="Alter the target in the same way, or change the mapping and start the stream again."
        " It waits, and goes on when the rows fit.",
    )
