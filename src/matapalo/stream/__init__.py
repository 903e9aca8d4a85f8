"""Streams: rows of one database, kept current in another, in either direction.

    source ──catalog──▶ Shape ──mapping──▶ Flow ──preflight──▶ Findings
      │                                     │ ddl
      │  one snapshot, tied to a slot       ▼
      ├──load──── COPY, range by range ──▶ target
      │                                     ▲
      ╰──wire──▶ pgoutput ──▶ batch ──▶ apply ── rows and progress, one transaction
                                            ▲
                                 verify ────╯  the content of both sides

Deciding is pure: what a table looks like (`shape`), how rows change on their way (`mapping`), what
would hurt (`preflight`), what the log says (`pgoutput`), what remains of many changes (`batch`),
and every statement (`ddl`, `apply`). Acting is at the rim: two databases.
"""
