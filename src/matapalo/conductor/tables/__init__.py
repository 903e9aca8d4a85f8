"""The tables' hand: what the conductor asks of rows, done with the streams between two databases.

    Conductor ──Data──▶ Tables ──┬─ copying    copy, follow, halt, retire: rows of matapalo.stream,
                                 │             which the streams' processes obey
                                 ├─ proving    what must hold before writes wait
                                 ├─ switching  close, fence, open: guards, each with its turn
                                 ├─ verifying  whether both sides hold the same
                                 ├─ seeing     how everything is
                                 ├─ passing    whether what is written now has arrived
                                 ╰─ crossing   what holds on one side only

Everything here is a plain function over sessions; a `Desk` has a thread and keeps its sessions
open, so that a switch opens none. Nothing is kept here that is not in the databases: any of it may
be done again, by another conductor.
"""

from matapalo.conductor.tables.tables import Tables

__all__ = ["Tables"]
