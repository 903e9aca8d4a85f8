"""A slice's two ends: its tables on either side, and the streams between them."""

from dataclasses import dataclass, replace

from matapalo.conductor.data import Side
from matapalo.stream.guard import Guard
from matapalo.stream.job import Job
from matapalo.stream.names import Direction
from matapalo.stream.serving import new_side_closed
from matapalo.stream.shape import Name


@dataclass(frozen=True)
class Ends:
    """What is known of a slice with tables."""

    name: str
    to: str
    """Who takes it over: `product/service`."""
    forward: Job

    @property
    def reverse(self) -> Job:
        """What the way back is to do."""
        return replace(self.forward, stream=self.forward.stream.opposite)

    @property
    def urls(self) -> dict[Side, str]:
        """Where both sides' databases are."""
        return {Side.MONOLITH: self.forward.monolith, Side.NEW: self.forward.new}

    def away(self, side: Side) -> Job:
        """Return the stream that carries a side's writes to the other."""
        return self.forward if side is Side.MONOLITH else self.reverse

    def jobs(self) -> tuple[Job, Job]:
        """Return both streams."""
        return self.forward, self.reverse

    def tables(self, side: Side) -> tuple[Name, ...]:
        """Return the tables as a side calls them."""
        return self.forward.at_monolith if side is Side.MONOLITH else self.forward.at_new

    def guard(self, side: Side) -> Guard:
        """Return what a side's tables answer while they are closed."""
        if side is Side.NEW:
            return new_side_closed(self.forward)
        return Guard(self.name, self.to, self.reverse.stream.on_server)


def source_of(job: Job) -> Side:
    """Return the side that a stream reads."""
    return Side.MONOLITH if job.stream.direction is Direction.FORWARD else Side.NEW


def target_of(job: Job) -> Side:
    """Return the side that a stream writes."""
    return source_of(job).other
