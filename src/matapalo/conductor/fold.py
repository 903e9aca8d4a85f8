"""The ledger's meaning: every slice's position, its open move, and what edges are wanted to do.

    entries ──fold──▶ World

The conductor has no other state: what it knows after a crash is what these functions make of the
entries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from matapalo.conductor.data import Verified
from matapalo.conductor.entry import Entry
from matapalo.conductor.stages import START, Position, Stage
from matapalo.conductor.verdict import Outcome
from matapalo.conductor.window import Count
from matapalo.edge.report import Meter
from matapalo.edge.split import Split, Wanted

NOTHING = Split()
"""Everything at the monolith."""


@dataclass(frozen=True)
class OpenMove:
    """A move that was begun and has not ended."""

    id: int
    start: Position
    goal: Position
    who: str
    since: datetime
    begun: int = 0
    """The last of its actions that has begun."""
    done: int = 0
    """How many of its actions are done."""
    held: datetime | None = None
    """Since when it has writes wait."""
    undo: bool = False
    """Whether it takes back a switch that had not come to its end."""
    trouble: str = ""
    """Why it stands still, if it does."""


@dataclass(frozen=True)
class Kept:
    """The monolith's last comparable window, and when it ended."""

    meter: Meter
    at: datetime


@dataclass(frozen=True)
class SliceState:
    """Where one slice is."""

    position: Position = START
    since: datetime | None = None
    split: Split = NOTHING
    version: int = 0
    """The entry that last changed the split."""
    move: OpenMove | None = None
    counts: Mapping[str, Count] | None = None
    """Every edge's counters when the slice came to its position."""
    baseline: Kept | None = None
    waived: frozenset[str] = frozenset()
    """Gates that did not pass when a person overrode them to come here."""
    verified: Verified | None = None
    """The last comparison of the contents of its tables."""
    approved: str = ""
    """Who said yes to the next step, since it came here."""


@dataclass(frozen=True)
class World:
    """Every slice that ever moved. One that the ledger does not name is where slices begin."""

    version: int = 0
    """Of what edges are wanted to do: the entry that last changed a split."""
    last: int = 0
    """The last entry's id."""
    slices: Mapping[str, SliceState] = field(default_factory=dict)

    def of(self, name: str) -> SliceState:
        """Return where a slice is."""
        return self.slices.get(name, SliceState())


def fold(entries: Iterable[Entry], world: World | None = None) -> World:
    """Return what the entries, read in their order, make of the world."""
    world = world or World()
    for entry in entries:
        changed = _apply(world.of(entry.slice), entry)
        world = World(
            version=entry.id if entry.facts.split is not None else world.version,
            last=entry.id,
            slices={**world.slices, entry.slice: changed},
        )
    return world


def wanted(world: World, names: Iterable[str]) -> Wanted:
    """Return what edges shall do with these slices."""
    return Wanted(
        version=world.version,
        splits={name: world.of(name).split for name in sorted(names) if name in world.slices},
    )


def _apply(state: SliceState, entry: Entry) -> SliceState:
    if entry.facts.split is not None:
        state = replace(state, split=entry.facts.split, version=entry.id)
    if entry.kind == "finding":
        return _found(state, entry)
    if entry.kind == "move" and entry.state == "begun":
        return _begun(state, entry)
    if state.move is None or state.move.id != entry.move:
        return state
    if entry.kind == "action":
        return _acted(state, state.move, entry)
    return _ended(state, state.move, entry)


def _begun(state: SliceState, entry: Entry) -> SliceState:
    """Open a move. It takes the place of one that was open: that one was given up."""
    facts = entry.facts
    move = OpenMove(
        id=entry.move,
        start=facts.start or state.position,
        goal=facts.goal or state.position,
        who=entry.who,
        since=entry.at,
        undo=facts.undo,
    )
    kept = Kept(facts.monolith, entry.at) if facts.monolith else state.baseline
    waived = frozenset(v.name for v in facts.verdicts if v.outcome is not Outcome.PASS)
    return replace(state, move=move, baseline=kept, waived=waived)


def _found(state: SliceState, entry: Entry) -> SliceState:
    if entry.facts.verified is not None:
        state = replace(state, verified=entry.facts.verified)
    return replace(state, approved=entry.who) if entry.facts.approved else state


def _acted(state: SliceState, move: OpenMove, entry: Entry) -> SliceState:
    match entry.state:
        case "done":
            move = replace(move, done=entry.action, trouble="")
        case "begun":
            holds = entry.facts.split is not None and entry.facts.split.hold > 0
            move = replace(move, begun=entry.action, held=entry.at if holds else move.held)
        case "failed":
            move = replace(move, trouble=entry.facts.trouble)
    if entry.facts.counts is None:
        return replace(state, move=move)
    return replace(state, move=move, counts=entry.facts.counts)


def _ended(state: SliceState, move: OpenMove, entry: Entry) -> SliceState:
    if entry.state == "done":
        # What is copied anew has never been compared.
        verified = state.verified if move.goal >= Position(Stage.FOLLOWING) else None
        return replace(
            state,
            position=move.goal,
            since=entry.at,
            move=None,
            approved="",
            verified=verified,
        )
    return replace(state, move=None)
