"""The demonstration: the example wallet, and slices that move under live traffic.

    story ──acts──▶ performance ──▶ conductor (asked as the command line asks it)
                         │ marks two phases an act: while it moves, and once it is there
                         ▼
    wallet ◀─errands─ customers ──Seen──▶ tally ──Phase──▶ claims ──▶ did it hold?
      ▲                   ╰──ids──▶ reckoning ◀── both databases ──▶╯
      ╰── storm: processes are killed, if that is wished

The customers are the witnesses: which side answered is what the monolith and the service say of
themselves, not what the edge believes it did; and every payment that was acknowledged to them is
looked for in the end.
"""
