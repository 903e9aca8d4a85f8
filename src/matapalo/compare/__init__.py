"""The comparison: whether the new side answers as the monolith does, asked off the live path.

    edge ──copy of a safe request──▶ intake ──202 at once
                                        │ a bounded number of jobs a slice; the rest is skipped
                                        ▼
    monolith ◀─ask─╮                 comparing ──▶ tally ──▶ posting ──about once a second──▶
    new      ◀─ask─┼─ asking ◀──────    │ again after 0.3, 1 and 2.5 s           conductor
    monolith ◀─ask─╯                    ▼
                          answers ▸ documents: what differs, by place

The monolith is asked before and after: where its own two answers differ, nothing is held against
the new side. Deciding is pure: `documents` and `answers` find differences, `masking` says them
without a customer's data, `tally` counts them. Acting is at the rim: `asking`, `intake`, `posting`.

`report` is what the conductor is told.
"""

from matapalo.compare.report import Comparisons, Difference, Example, SliceComparisons

__all__ = ["Comparisons", "Difference", "Example", "SliceComparisons"]
