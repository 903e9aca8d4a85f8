"""How long writes waited at a switch, as those saw it who waited. No input, no output."""

from collections.abc import Iterable
from dataclasses import dataclass

from matapalo.conductor import Arrived
from matapalo.demo.tally import Seen, Timings, timings

AROUND = 0.5
"""Seconds before and after the switch from which writes count: they show what is usual."""


@dataclass(frozen=True)
class Switch:
    """A time in which writes were held, and who held them for how long."""

    began: float
    ended: float
    """A monotonic clock's time, in seconds."""
    pause: float
    """Milliseconds from the word that writes wait until the word that they go on."""

    @classmethod
    def of(cls, arrived: Arrived, now: float) -> "Switch | None":
        """Return the switch that a step was; nothing where it held no writes."""
        if not arrived.timeline:
            return None
        pause = arrived.timeline[-1].ms
        return cls(now - pause / 1000 - AROUND, now + AROUND, pause)


def waits(switch: Switch, writes: Iterable[Seen], slice_name: str) -> Timings:
    """Return how long the writes took that were under way at a switch, or shortly around it."""
    return timings(
        write.seconds * 1000
        for write in writes
        if write.slice == slice_name
        and not write.trouble
        and write.began < switch.ended
        and write.began + write.seconds > switch.began
    )
