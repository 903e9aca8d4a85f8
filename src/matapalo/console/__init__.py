"""The conductor's HTTP API, what asks it, and the process that serves it.

    matapalo advance … ──client──▶ /v1/slices/…  ─╮
    edges ───────────────────────▶ /v1/edges/…   ─┼─ guard ─▶ api ─▶ Conductor, Edges
    (the console's page will ask the same API)    ─╯

Everything but `/health` needs the token. What goes wrong is told as JSON: its kind, what, where,
and what to do.
"""

from matapalo.console.client import Client, Seat, connect, seat_of
from matapalo.console.serve import serve

__all__ = ["Client", "Seat", "connect", "seat_of", "serve"]
