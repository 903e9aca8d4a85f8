"""What a stream is to do: between which databases, with which tables, which way."""

from dataclasses import dataclass

from matapalo.blueprint import Table
from matapalo.stream.database import connect
from matapalo.stream.follow import Task
from matapalo.stream.follow.planner import Shapes
from matapalo.stream.mapping import Flows, inverse, map_tables
from matapalo.stream.names import Direction, Stream
from matapalo.stream.plan import ROW_FILTERS_SINCE, fingerprint
from matapalo.stream.shape import Name
from matapalo.stream.word import hearing


@dataclass(frozen=True)
class Job:
    """A stream, the two databases of its slice (URLs of libpq), and the slice's tables."""

    stream: Stream
    monolith: str
    new: str
    tables: tuple[Table, ...]

    @property
    def forward(self) -> bool:
        """Whether rows go from the monolith to the new side."""
        return self.stream.direction is Direction.FORWARD

    @property
    def source(self) -> str:
        """Where it reads."""
        return self.monolith if self.forward else self.new

    @property
    def target(self) -> str:
        """Where it writes."""
        return self.new if self.forward else self.monolith

    @property
    def at_monolith(self) -> tuple[Name, ...]:
        """The tables, as the monolith calls them."""
        return tuple(dict.fromkeys(Name.parse(table.name) for table in self.tables))

    @property
    def at_new(self) -> tuple[Name, ...]:
        """The tables, as the new side calls them."""
        return tuple(dict.fromkeys(Name.parse(table.target) for table in self.tables))

    @property
    def sources(self) -> tuple[Name, ...]:
        """The tables that it reads."""
        return self.at_monolith if self.forward else self.at_new

    @property
    def targets(self) -> tuple[Name, ...]:
        """The tables that it writes."""
        return self.at_new if self.forward else self.at_monolith

    @property
    def mapping(self) -> str:
        """A short text that is another one for every other mapping."""
        return fingerprint(self.tables)

    def flows(self, sources: Shapes, targets: Shapes) -> Flows:
        """Return the stream's flows. Raises MappingWrong, NotInvertible, DatabaseSilent."""
        if self.forward:
            return map_tables(self.tables, sources, targets, row_filters=self._filters_rows())
        return inverse(self.both_ways(targets, sources))

    def both_ways(self, monolith: Shapes, new: Shapes) -> Flows:
        """Return the flows from the monolith to the new side, whichever way the stream goes."""
        return map_tables(self.tables, monolith, new, row_filters=self._filters_rows())

    def task(self) -> Task:
        """Return what has to be followed."""
        return Task(
            stream=self.stream,
            source=self.source,
            target=self.target,
            sources=self.sources,
            targets=self.targets,
            mapper=self.flows,
            hear=hearing(self.stream),
        )

    def _filters_rows(self) -> bool:
        """Whether the monolith's server can filter the rows of a publication."""
        with connect(self.monolith) as session:
            return session.info.server_version >= ROW_FILTERS_SINCE
