"""Payments, out of the monolith: a service that keeps them; accounts and their money stay there.

    GET  /api/payments   the caller's payments, from the table that came along
    POST /api/payments   makes one
    POST /send           makes one too: what the form on the monolith's pages sends

    app ──▶ who calls, whom to pay? ──▶ move the money ──▶ keep the payment ──▶ answer
            └───── the monolith ──────────────┘            (our own table)

Money and payment are in two databases, and no transaction spans them. So the monolith moves the
money of a payment once, by the payment's id, and remembers the whole payment until somebody keeps
it: the record that outlives whoever crashes in between. A request that comes again with its key, or
`sweep` a moment later, keeps what was booked. Where the table is closed to us (the monolith has it
again), the monolith is asked to keep it.

It reads PORT, MONOLITH_URL, LEDGER_URL and INTERNAL_SECRET.
"""
