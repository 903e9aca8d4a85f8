"""The session in which a stream writes to its target."""

from psycopg import errors

from matapalo.errors import DatabaseRefused, StreamBusy
from matapalo.stream.apply.record import register
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.guard import TRIGGER, admission
from matapalo.stream.names import Stream
from matapalo.stream.pgoutput.decoder import APPLIED

_SETTINGS = (
    # Rows that come are looked up by key, one by one; whatever statistics say of a young table.
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET enable_seqscan = off",
    "SET plan_cache_mode = force_generic_plan",
    # The rows of one statement stay in memory.
    "SET work_mem = '64MB'",
    # A commit that may be lost must not be confirmed. What is stricter than `on` may stay.
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
)
_STAMP = "SELECT pg_replication_origin_xact_setup('0/0', clock_timestamp())"
_MAY_STAMP = """
SELECT has_function_privilege('pg_replication_origin_xact_setup(pg_lsn, timestamptz)', 'EXECUTE')
"""
_MANY = 2000
"""Prepared statements that are kept: a few for each table."""


class Session:
    """A session with the target, marked as the stream's own so that no stream sends it back."""

    def __init__(self, url: str, stream: Stream) -> None:
        """Connect. Raises DatabaseSilent, DatabaseRefused, or StreamBusy where one is there."""
        self.connection = connect(url, application=stream.on_server)
        self._stream = stream
        try:
            with answers(self.connection):
                self._set_up()
                self.marked = self._origin()
        except BaseException:
            self.connection.close()
            raise

    def begin(self) -> None:
        """Open a transaction."""
        self.connection.execute("BEGIN")
        if not self.marked:
            self.connection.execute(
                "SELECT pg_logical_emit_message(true, %s, %s)", [APPLIED, self._stream.on_server]
            )

    def stamp(self) -> None:
        """Have the open transaction logged as committed now.

        A session with an origin logs every commit with the time of its first one, until it is told
        another; and whoever reads that log takes it for the time of the commit.
        """
        if self.marked:
            self.connection.execute(_STAMP)

    def close(self) -> None:
        """End the session; what is not committed is rolled back by the server."""
        self.connection.close()

    def _set_up(self) -> None:
        register(self.connection)
        self.connection.prepare_threshold = 0
        self.connection.prepared_max = _MANY
        for setting in _SETTINGS:
            self.connection.execute(setting.encode())
        self.connection.execute(admission(self._stream.on_server))
        self._become_replica()

    def _become_replica(self) -> None:
        """Have triggers and foreign keys rest: what they did on the source comes along anyway."""
        try:
            self.connection.execute("SET session_replication_role = replica")
        except errors.InsufficientPrivilege:
            self.replica = False
        else:
            self.replica = True

    def _origin(self) -> bool:
        """Mark what the session writes by a replication origin, where the role may.

        Servers bound their number (`max_active_replication_origins`, or `max_replication_slots`
        before version 18); the message that replaces it costs a little log, and no one can run out
        of it.
        """
        name = self._stream.on_server
        if self.connection.execute(_MAY_STAMP).fetchone() != (True,):
            return False
        try:
            if not _has_origin(self.connection, name):
                self.connection.execute("SELECT pg_replication_origin_create(%s)", [name])
            self.connection.execute("SELECT pg_replication_origin_session_setup(%s)", [name])
        except (errors.InsufficientPrivilege, errors.ConfigurationLimitExceeded):
            return False
        except errors.ObjectInUse:
            raise StreamBusy(
                f"another session applies the stream {self._stream}",
                hint="End the other process. If it died, the target notices soon.",
            ) from None
        return True


def check_triggers(session: Session, targets: tuple[int, ...]) -> None:
    """Refuse targets whose triggers would fire on rows that come, where nothing can stop them.

    Raises DatabaseRefused.
    """
    if session.replica:
        return
    found = session.connection.execute(
        """SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
           WHERE tgrelid = ANY(%s::oid[]) AND tgenabled <> 'D' AND tgname <> %s""",
        [list(targets), TRIGGER],
    ).fetchall()
    if found:
        raise DatabaseRefused(
            f"triggers and foreign keys of {', '.join(name for (name,) in found)} would fire",
            hint="GRANT SET ON PARAMETER session_replication_role to the stream's role"
            " (version 15 and later), or use a role that may set it.",
        )


def drop_origin(target: Connection, stream: Stream) -> None:
    """Drop the stream's origin, where there is one and the role may."""
    name = stream.on_server
    with answers(target):
        if _has_origin(target, name):
            target.execute("SELECT pg_replication_origin_drop(%s)", [name])


def _has_origin(connection: Connection, name: str) -> bool:
    found = connection.execute("SELECT FROM pg_replication_origin WHERE roname = %s", [name])
    return found.rowcount > 0
