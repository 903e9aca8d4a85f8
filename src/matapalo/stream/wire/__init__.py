"""The wire: one session that reads a source's log.

    psycopg's libpq: TLS, SCRAM ──▶ START_REPLICATION ──▶ COPY BOTH
                                                           │  messages, as many as have come
                                     Wire.read ◀───────────┤
                                     Wire.confirm ─────────▶  how far the target has them

libpq frames the messages. Reading the socket ourselves was measured to cost the same, and would
need TLS and the login done over again.

Protocol: "Streaming Replication Protocol" in PostgreSQL's documentation.
"""

from matapalo.stream.wire.wire import Start, Wire

__all__ = ["Start", "Wire"]
