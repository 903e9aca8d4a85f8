"""Judging servers: what a source has to be, what a target has to be. Pure."""

from collections.abc import Iterator

from matapalo.stream.names import Stream
from matapalo.stream.preflight.facts import Server, Side
from matapalo.stream.preflight.finding import Finding, note, stop, warn

OLDEST, NEWEST = 14, 18
LONG = 60.0
"""Seconds after which a transaction is a long one: a slot waits for all that are open."""
CLOCKS = 1.0
"""Seconds by which clocks may differ."""
_SOON = 3600.0
"""Seconds for which the log has to be kept at its usual rate, at the least."""


def of_source(server: Server, stream: Stream, *, resumed: bool) -> Iterator[Finding]:
    """Yield what a server's log and our role there leave to be desired."""
    yield from _version(server, "source")
    if server.standby:
        yield stop("it is a standby", "source", "Copy from the primary.")
    yield from _log(server)
    yield from _waiting(server)
    if server.publication_there and not resumed:
        what = f"a publication {stream.on_server} is there, and no load that it belongs to"
        yield note(what, "source", "It is replaced.")
    if server.slot_there and not resumed:
        what = f"a slot {stream.on_server} is there, and no load that it belongs to"
        yield warn(what, "source", "It is dropped when the load begins. Is it another's stream?")


def of_target(side: Side) -> Iterator[Finding]:
    """Yield what a target and our role there leave to be desired."""
    server = side.server
    yield from _version(server, "target")
    if server.standby:
        yield stop("it is a standby, and takes no rows", "target", "Copy to the primary.")
    if not server.may_stage:
        hint = "GRANT TEMPORARY ON DATABASE … TO …"
        yield stop("the role may not make temporary tables", "target", hint)
    if not server.own_schema and not server.may_create:
        hint = "GRANT CREATE ON DATABASE … TO …, or CREATE SCHEMA matapalo AUTHORIZATION …"
        yield stop("the role may not make the schema `matapalo`", "target", hint)
    if not side.may_rest:
        yield warn(
            "the role may not make triggers and foreign keys rest",
            "target",
            "GRANT SET ON PARAMETER session_replication_role TO … (from version 15 on). "
            "Without it no foreign keys are made, since rows come in the order of tables.",
        )
    yield from _marks(server)


def of_way_back(server: Server) -> Iterator[Finding]:
    """Yield what keeps a target from being the source of the reverse stream."""
    lacking = [
        what
        for holds, what in (
            (server.wal_level == "logical", "wal_level is not logical"),
            (server.replication, "the role may not replicate"),
            (server.slots_used < server.slots, "no slot is left"),
            (server.senders_used < server.senders, "no sender is left"),
        )
        if not holds
    ]
    if lacking:
        what = f"no reverse stream can run from here: {', '.join(lacking)}"
        yield warn(what, "target", "Without one the slice can be copied, but not switched.")


def of_both(source: Side, target: Side) -> Iterator[Finding]:
    """Yield where two servers do not go together."""
    apart = abs(source.ahead - target.ahead)
    if apart - source.unsure - target.unsure > CLOCKS:
        what = f"the clocks of source and target are {apart:.1f} s apart"
        yield warn(what, "source", "Lag in time is as wrong as the clocks are: synchronize them.")
    if abs(source.ahead) - source.unsure > CLOCKS:
        what = f"the source's clock and this machine's are {abs(source.ahead):.1f} s apart"
        yield warn(what, "source", "Lag in time is as wrong as the clocks are: synchronize them.")
    yield from _encodings(source.server, target.server)
    if source.server.collation != target.server.collation:
        yield note(
            f"texts are ordered by {source.server.collation} on the source and by "
            f"{target.server.collation} on the target",
            "target",
            "Queries that order by text may answer in another order on the new side.",
        )


def _version(server: Server, where: str) -> Iterator[Finding]:
    major = server.version // 10000
    if major < OLDEST:
        yield stop(
            f"PostgreSQL {major} is too old",
            where,
            f"{OLDEST} is the oldest that can be used: before it, streams have no binary form.",
        )
    elif major > NEWEST:
        yield warn(f"PostgreSQL {major} is newer than what this was tested with", where)


def _log(server: Server) -> Iterator[Finding]:
    """What becomes of the log."""
    if server.wal_level != "logical":
        hint = "ALTER SYSTEM SET wal_level = logical, and restart the server."
        yield stop(f"wal_level is {server.wal_level}", "source", hint)
    if not server.replication:
        hint = "ALTER ROLE … REPLICATION (on RDS and Aurora: GRANT rds_replication TO …)"
        yield stop("the role may not replicate", "source", hint)
    # The snapshot of a load that is taken up again needs a slot of its own for a moment.
    for used, most, kind, setting in (
        (server.slots_used, server.slots, "slots", "max_replication_slots"),
        (server.senders_used, server.senders, "senders", "max_wal_senders"),
    ):
        left = most - used
        if left < 1 and not (kind == "slots" and server.slot_there):
            yield stop(f"all {most} {kind} are in use", "source", f"Raise {setting}, restart.")
        elif left == 1:
            yield warn(f"one of {most} {kind} is left", "source", f"Raise {setting}, restart.")
    yield from _kept(server)


def _kept(server: Server) -> Iterator[Finding]:
    if server.keeps is None:
        yield warn(
            "max_slot_wal_keep_size is unlimited: a stream that stands still fills the disk",
            "source",
            "Watch `matapalo stream status`, or set a limit that the disk can bear.",
        )
    elif server.log_rate and server.keeps / server.log_rate < _SOON:
        minutes = server.keeps / server.log_rate / 60
        yield warn(
            f"the log grows so fast that a slot is lost after {minutes:.0f} minutes without reader",
            "source",
            "Raise max_slot_wal_keep_size: the load itself has to be done by then.",
        )


def _waiting(server: Server) -> Iterator[Finding]:
    if server.prepared:
        yield stop(
            f"{server.prepared} prepared transactions are open, and a slot waits for them",
            "source",
            "COMMIT PREPARED or ROLLBACK PREPARED (pg_prepared_xacts lists them).",
        )
    if server.longest > LONG:
        yield warn(
            f"a transaction is open since {server.longest:.0f} s, and a slot waits for its end",
            "source",
            "pg_stat_activity has who it is (xact_start).",
        )


def _marks(server: Server) -> Iterator[Finding]:
    if not server.may_mark:
        yield note(
            "the role may not set a replication origin: transactions are marked by a message",
            "target",
            "GRANT EXECUTE ON FUNCTION pg_replication_origin_create(text), "
            "pg_replication_origin_session_setup(text), pg_replication_origin_xact_setup(pg_lsn, "
            "timestamptz), … TO … makes filtering cheaper.",
        )
    elif server.origins_used >= server.origins:
        setting = "max_active_replication_origins, or before 18 max_replication_slots"
        yield stop(f"all {server.origins} origins are in use", "target", f"Raise {setting}.")


def _encodings(source: Server, target: Server) -> Iterator[Finding]:
    if source.encoding == "SQL_ASCII":
        what = "its texts are bytes of no declared encoding"
        yield warn(what, "source", "What is no UTF-8 fails on its way.")
    if target.encoding not in {"UTF8", source.encoding}:
        yield stop(
            f"texts are {source.encoding} on the source and {target.encoding} on the target",
            "target",
            "Make the database with ENCODING 'UTF8'.",
        )
