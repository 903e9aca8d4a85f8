"""What is to be followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matapalo.stream.apply.applier import Hear
from matapalo.stream.follow.planner import Mapper
from matapalo.stream.names import Stream
from matapalo.stream.shape import Name


@dataclass(frozen=True)
class Task:
    """One stream, its two ends (URLs of libpq) and its tables."""

    stream: Stream
    source: str
    target: str
    sources: tuple[Name, ...]
    """The tables that are read, and those that are written."""
    targets: tuple[Name, ...]
    mapper: Mapper
    hear: Mapping[str, Hear] = field(default_factory=dict)
    """What to do about logical messages, by their prefix."""
    batch: int = 20_000
    """So many changes are gathered at most while the target is busy, and sent at once."""
