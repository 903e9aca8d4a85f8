"""The full load: every row of one snapshot, which is the very point from which the log is followed.

    publication ─▶ slot + snapshot ─▶ ranges ─▶ COPY … COPY, side by side ─▶ indexes, foreign keys
                        │                │            │
                        ╰────────────────┴── book ────╯   on the target: what is loaded, as of when

A range and the note that it is loaded are one transaction, so that a load that died goes on where
it was: with a new slot and a new snapshot, for the old one died with it. What is missing is copied,
and of what was loaded before the rows that have changed since are brought up to date (`mending`).
"""

from matapalo.stream.load.book import Book, Record
from matapalo.stream.load.cutting import Sizes
from matapalo.stream.load.events import Copied, Doing, Event, Progress, Trouble
from matapalo.stream.load.run import JOBS, Order, load

__all__ = [
    "JOBS",
    "Book",
    "Copied",
    "Doing",
    "Event",
    "Order",
    "Progress",
    "Record",
    "Sizes",
    "Trouble",
    "load",
]
