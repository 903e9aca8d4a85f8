"""What a following stream says of itself."""

from dataclasses import dataclass
from enum import StrEnum

from matapalo.stream.apply import Applied
from matapalo.stream.lsn import BEGINNING, Lsn


class Phase(StrEnum):
    """What it is doing."""

    CONNECTING = "connecting"
    FOLLOWING = "following"
    HELD = "held"
    """It stands still, as it was asked to."""
    WAITING = "waiting"
    """Rows fit the target no longer, or the target refuses them: a person has to act."""
    RETRYING = "retrying"
    """A session was lost."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class State:
    """What a stream does, and how far it has come."""

    phase: Phase
    applied: Applied = Applied(BEGINNING)  # noqa: RUF009 - frozen
    """The last that was committed on the target since this process follows."""
    received: Lsn = BEGINNING
    """Everything before it has come from the source."""
    kept: Lsn = BEGINNING
    """What the source may throw away."""
    limit: int | None = None
    """Before which position it stands still (phase HELD)."""
    trouble: str = ""
    """Why it does not go on, for people; no value of a row is in it."""
