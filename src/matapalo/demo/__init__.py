"""The demonstration: the example wallet, and a slice that moves under live traffic.

    story ──acts──▶ performance ──▶ conductor (asked as the command line asks it)
                         │ marks two phases an act: while it moves, and once it is there
                         ▼
    wallet ◀─errands─ customers ──Seen──▶ tally ──Phase──▶ claims ──▶ did it hold?

The customers are the witnesses: which side answered is what the monolith and the service say of
themselves, not what the edge believes it did.
"""
