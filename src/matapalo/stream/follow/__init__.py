"""Following: the loop that keeps a target current with its source.

    Wire ──messages──▶ Decoder ──Batch──▶ Worker (a thread): Applier ──▶ target
     ▲                    │ what is complete,     │
     ╰─── confirm ────────┼── as soon as the ─────╯ on the target's disk
                          │   worker is free
            Orders: hold before a position, stop ──▶ State: phase, positions, trouble

While the worker writes, the decoder gathers: batches are as large as the target is slow, and as
small as a single transaction when it is not. What has not been taken is bounded, in rows and in
bytes, and a transaction that is larger goes to the target in pieces of one open transaction.

What fails is begun again from the position on the target: a lost session after a moment, a table
that was altered once its rows fit the target again.
"""

from matapalo.stream.follow.loop import follow
from matapalo.stream.follow.orders import Orders
from matapalo.stream.follow.planner import Mapper, Planner
from matapalo.stream.follow.state import Phase, State
from matapalo.stream.follow.task import Task

__all__ = ["Mapper", "Orders", "Phase", "Planner", "State", "Task", "follow"]
