"""The ledger's words: one entry a thing that began, was done, or failed.

    move   12 begun    where from, where to, who, why, the gates' verdicts
    action 12 begun 1  the split that edges shall obey from this entry on
    action 12 done  1
    action 12 begun 2  …
    action 12 done  2  what every edge had counted at that moment
    move   12 done
    action 12 resumed 2  after a crash, by another conductor
    finding            something was learned: a comparison of contents, a person's yes

A move is known by the id of the entry that began it. The id of the entry that last changed a
split is the version of what edges are wanted to do.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from matapalo.conductor.data import Verified
from matapalo.conductor.stages import Position
from matapalo.conductor.verdict import Verdict
from matapalo.conductor.window import Count
from matapalo.edge.report import Meter
from matapalo.edge.split import Split

Kind = Literal["move", "action", "finding"]
State = Literal["begun", "done", "failed", "resumed"]


class Mark(BaseModel):
    """A moment of a switch."""

    model_config = ConfigDict(frozen=True)

    what: str
    ms: float
    """Milliseconds since writes were told to wait."""


class Facts(BaseModel):
    """What an entry rests on, kept as JSON. Which of them are there depends on the entry."""

    model_config = ConfigDict(frozen=True)

    start: Position | None = None
    goal: Position | None = None
    verdicts: tuple[Verdict, ...] = ()
    undo: bool = False
    """The move takes a switch back that had not come to its end."""
    forced: bool = False
    """The verdicts did not pass, and a person overrode them."""
    monolith: Meter | None = None
    """How the monolith did until then, where that can be compared."""
    split: Split | None = None
    """What edges shall do with the slice from this entry on."""
    counts: dict[str, Count] | None = None
    """Every edge's counters as the step ended, by edge: the next step's zero."""
    trouble: str = ""
    """Why it failed."""
    timeline: tuple[Mark, ...] = ()
    """What happened when, in a move in which writes were held."""
    verified: Verified | None = None
    """What a comparison of contents found."""
    approved: bool = False
    """A person says yes to the next step."""
    remains: tuple[str, ...] = ()
    """What a person has to delete in the monolith, now that the slice is retired."""


class Draft(BaseModel):
    """An entry that is not written yet."""

    model_config = ConfigDict(frozen=True)

    slice: str
    who: str
    why: str = ""
    kind: Kind
    move: int | None = None
    """The move it belongs to; none where it begins one, and for findings."""
    action: int = 0
    """The action's number in the move's plan; 0 for the move itself."""
    state: State
    text: str = ""
    facts: Facts = Facts()


class Entry(Draft):
    """An entry of the ledger. It never changes."""

    id: int
    at: datetime
    move: int
