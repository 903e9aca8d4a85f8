"""Verify: the content of both sides compared, while both change.

    pin ──▶ one moment of both sides ──▶ sums of ranges ──▶ rows of uneven ranges ──▶ their columns
            (snapshots)                  (buckets)           (compare)                     │
                                                                                           ▼
                                            target ◀── repair ◀── plan: which rows, what is wrong

The stream is stopped for a moment at a position of the source's log, at which the source has a
snapshot too: both sides are compared as of that position, so that what differs is a fault and not
a row on its way.

What it cannot see stands in docs/streams.md.
"""

from matapalo.stream.verify.compare import Comparison
from matapalo.stream.verify.outcome import Compared, Difference, Fault, Outcome
from matapalo.stream.verify.repair import Plan, apply, plan
from matapalo.stream.verify.side import Side
from matapalo.stream.verify.whole import Manner, verify

__all__ = [
    "Compared",
    "Comparison",
    "Difference",
    "Fault",
    "Manner",
    "Outcome",
    "Plan",
    "Side",
    "apply",
    "plan",
    "verify",
]
