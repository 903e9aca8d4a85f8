"""Preflight: what would hurt later, found before anything is touched.

    source ─┐            ┌─ servers.py   settings, room for slots, the log, clocks
            ├─ gather ──▶├─ tables.py    rights, keys, kinds, triggers, rows        ──▶ Findings
    target ─┘            ╰─ trials.py    the very statements, tried and rolled back

Facts are gathered at the rim and judged by pure functions. What no fact foretells is tried: the
target's tables are made, the publication is made, every query is planned, all in transactions that
are rolled back.
"""

from matapalo.stream.preflight.examine import examine
from matapalo.stream.preflight.finding import Finding, Findings, Level

__all__ = ["Finding", "Findings", "Level", "examine"]
