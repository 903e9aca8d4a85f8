"""What a move tells while it goes on, a line each. The same lines go over HTTP and to a person."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from matapalo.conductor.data import Crossing
from matapalo.conductor.entry import Mark
from matapalo.conductor.stages import Position
from matapalo.conductor.verdict import Verdict


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)

    slice: str


class Planned(_Event):
    """A step that a dry run explains, or that is about to begin."""

    event: Literal["planned"] = "planned"
    start: Position
    goal: Position
    actions: tuple[str, ...]
    weighty: bool
    """A person should say yes to it first."""
    verdicts: tuple[Verdict, ...] = ()
    """The gates as they are now; none where they are judged later, or where nothing is gated."""
    forced: bool = False
    crossings: tuple[Crossing, ...] = ()
    """What crosses the slice's border, where its tables are about to move."""


class Waiting(_Event):
    """Gates have too little to judge by, and the move waits for more."""

    event: Literal["waiting"] = "waiting"
    goal: Position
    verdicts: tuple[Verdict, ...]
    left: float
    """How long it will go on waiting, in seconds."""


class Acted(_Event):
    """An action is done."""

    event: Literal["acted"] = "acted"
    number: int
    text: str
    seconds: float


class Arrived(_Event):
    """A step is done: this is where the slice is now."""

    event: Literal["arrived"] = "arrived"
    position: Position
    seconds: float
    timeline: tuple[Mark, ...] = ()
    """What happened when, where writes were held: in milliseconds from when they were."""
    remains: tuple[str, ...] = ()
    """What is left for a person to delete in the monolith."""


Event = Planned | Waiting | Acted | Arrived
