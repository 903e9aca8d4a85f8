"""The conductor: it takes slices along their ways, a measured and reversible step at a time.

    Order ──▶ path ──▶ gates ──▶ Plan ──▶ Step ──▶ ledger ──▶ World ──▶ Wanted ──▶ edges
    order.py  way.py   gates.py  plan.py  step.py  ledger.py  fold.py            edges.py
                         ▲                 ╰──▶ Data: tables, streams, guards        │
                         ╰──────── evidence: reports, windows, lag, contents ◀───────╯

Deciding is pure: where a slice may go (`stages`, `way`, `order`), whether it may (`gates`,
`window`), how (`plan`), and what the ledger's entries mean (`fold`). Acting is at the rim: the
ledger in PostgreSQL (`ledger`), the edges (`edges`), the new side's health (`health`).

The conductor's whole state is the ledger. What takes effect is what is written there, so that a
crash anywhere is recovered by reading it again. Whoever holds the session that writes it leads.
"""

from matapalo.conductor.conductor import PATIENCE, Conductor
from matapalo.conductor.data import Crossing, Data, Side, TableState, Verified
from matapalo.conductor.edges import Edges
from matapalo.conductor.entry import Entry, Mark
from matapalo.conductor.events import Acted, Arrived, Event, Planned, Waiting
from matapalo.conductor.health import asker
from matapalo.conductor.order import Order
from matapalo.conductor.stages import Position, Stage
from matapalo.conductor.verdict import Outcome, Verdict
from matapalo.conductor.view import SideView, SliceView

__all__ = [
    "PATIENCE",
    "Acted",
    "Arrived",
    "Conductor",
    "Crossing",
    "Data",
    "Edges",
    "Entry",
    "Event",
    "Mark",
    "Order",
    "Outcome",
    "Planned",
    "Position",
    "Side",
    "SideView",
    "SliceView",
    "Stage",
    "TableState",
    "Verdict",
    "Verified",
    "Waiting",
    "asker",
]
