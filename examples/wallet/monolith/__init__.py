"""Totumo, a digital wallet: the application as it is today, one process with one database.

    browser ──▶ pages.py ─┐
                          ├─▶ accounts, payments, statements … ──▶ books.py ──▶ PostgreSQL
    app, site ─▶ api.py ──┘                                        (double entry)
    services ──▶ internal.py ──▶ bookings.py ──┘

It knows nothing of Matapalo. `python -m monolith.seed` makes the schema and the customers,
`python -m monolith` serves; both read DATABASE_URL, and the server PORT, INTROSPECTION_SECRET and
INTERNAL_SECRET.
Amounts are whole Colombian pesos. Names and comments are English, what customers read is Spanish.
"""
