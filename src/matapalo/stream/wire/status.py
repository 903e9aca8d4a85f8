"""The one message that goes back to a source: how far its log has been received and kept."""

import struct
import time

_STATUS = struct.Struct("!cqqqqB")
_EPOCH = 946_684_800
"""PostgreSQL counts from the year 2000; in seconds since 1970."""


def microseconds(moment: float) -> int:
    """Return a moment (seconds since 1970) as PostgreSQL counts it."""
    return int((moment - _EPOCH) * 1_000_000)


def seconds(moment: int) -> float:
    """Return a moment as PostgreSQL counts it in seconds since 1970."""
    return moment / 1_000_000 + _EPOCH


def status(received: int, kept: int, *, answer: bool, now: float | None = None) -> bytes:
    """Return a standby status update.

    What is `kept` the source may throw away: it has to be on the target's disk. `answer` asks the
    source to say at once how far its log has been sent.
    """
    moment = microseconds(time.time() if now is None else now)
    return _STATUS.pack(b"r", max(received, kept), kept, kept, moment, answer)
