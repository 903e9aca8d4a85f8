"""Facts about a server and about tables, gathered in a few queries that change nothing."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from matapalo.errors import DatabaseRefused
from matapalo.stream.database import Connection, answers, place
from matapalo.stream.names import SCHEMA, Stream
from matapalo.stream.shape import Name


@dataclass(frozen=True, slots=True)
class Server:
    """What a server is like, and what our role may do there."""

    version: int
    standby: bool
    wal_level: str
    slots: int
    slots_used: int
    senders: int
    senders_used: int
    origins: int
    """How many replication origins may be in use at once."""
    origins_used: int
    keeps: int | None
    """The most bytes of its log that a slot keeps; None for no limit."""
    log_rate: float | None
    """Bytes of log a second, on average; None where it is not counted."""
    encoding: str
    collation: str
    superuser: bool
    replication: bool
    may_create: bool
    """Schemas and publications, in this database."""
    may_stage: bool
    """Temporary tables."""
    own_schema: bool
    """Whether the schema `matapalo` is there and our role may create in it."""
    may_mark: bool
    """Whether transactions can be marked with a replication origin."""
    longest: float
    """Seconds since the oldest open transaction began."""
    prepared: int
    """Prepared transactions: a slot waits for them, however long."""
    slot_there: bool
    publication_there: bool


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a table is like, and what our role may do with it."""

    schema: str
    table: str
    kind: str
    persistence: str
    children: bool
    parent: bool
    """Whether it inherits from a table, or is a partition of one."""
    owned: bool
    selects: bool
    writes: bool
    truncates: bool
    hides: bool
    """Whether a policy hides rows from our role."""
    size: int
    triggers: int
    """Those that rest when triggers are made to."""
    restless: int
    """Triggers that fire even then."""
    foreign_keys: int
    rules: int

    @property
    def name(self) -> Name:
        """The table's name."""
        return Name(self.schema, self.table)


_SERVER = """
WITH setting AS (SELECT name, setting FROM pg_settings)
SELECT current_setting('server_version_num')::int AS version,
  pg_is_in_recovery() AS standby,
  current_setting('wal_level') AS wal_level,
  current_setting('max_replication_slots')::int AS slots,
  (SELECT count(*) FROM pg_replication_slots)::int AS slots_used,
  current_setting('max_wal_senders')::int AS senders,
  (SELECT count(*) FROM pg_stat_replication)::int AS senders_used,
  coalesce(current_setting('max_active_replication_origins', true),
           current_setting('max_replication_slots'))::int AS origins,
  (SELECT count(*) FROM pg_replication_origin)::int AS origins_used,
  (SELECT CASE WHEN setting::int8 >= 0 THEN setting::int8 * 1048576 END
   FROM setting WHERE name = 'max_slot_wal_keep_size') AS keeps,
  (SELECT (wal_bytes / nullif(extract(epoch FROM now() - stats_reset), 0))::float8
   FROM pg_stat_wal) AS log_rate,
  pg_encoding_to_char(encoding) AS encoding,
  concat_ws('/', datcollate, to_jsonb(d)->>'daticulocale', to_jsonb(d)->>'datlocale') AS collation,
  r.rolsuper AS superuser,
  r.rolsuper OR r.rolreplication
    OR EXISTS (SELECT FROM pg_roles g WHERE g.rolname = 'rds_replication'
               AND pg_has_role(g.oid, 'USAGE')) AS replication,
  has_database_privilege(current_database(), 'CREATE') AS may_create,
  has_database_privilege(current_database(), 'TEMP') AS may_stage,
  coalesce((SELECT has_schema_privilege(oid, 'CREATE, USAGE') FROM pg_namespace
            WHERE nspname = %(own)s), false) AS own_schema,
  has_function_privilege('pg_replication_origin_session_setup(text)', 'EXECUTE')
    AND has_function_privilege('pg_replication_origin_create(text)', 'EXECUTE')
    AND has_function_privilege('pg_replication_origin_xact_setup(pg_lsn, timestamptz)', 'EXECUTE')
    AS may_mark,
  coalesce((SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()), 0)::float8
    AS longest,
  (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())::int AS prepared,
  EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %(stream)s) AS slot_there,
  EXISTS (SELECT FROM pg_publication WHERE pubname = %(stream)s) AS publication_there
FROM pg_database d, pg_roles r
WHERE datname = current_database() AND rolname = current_user
"""

_TABLES = """
SELECT n.nspname AS schema, c.relname AS table, c.relkind::text AS kind,
  c.relpersistence::text AS persistence,
  c.relkind <> 'p' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid) AS children,
  EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS parent,
  pg_has_role(c.relowner, 'USAGE') AS owned,
  has_table_privilege(c.oid, 'SELECT') AS selects,
  has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
    AND has_table_privilege(c.oid, 'DELETE') AS writes,
  has_table_privilege(c.oid, 'TRUNCATE') AS truncates,
  row_security_active(c.oid) AS hides,
  pg_table_size(c.oid) AS size,
  (SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal
   AND tgenabled = 'O' AND tgname <> 'matapalo_guard')::int AS triggers,
  (SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal
   AND tgenabled IN ('A', 'R') AND tgname <> 'matapalo_guard')::int AS restless,
  (SELECT count(*) FROM pg_constraint WHERE c.oid IN (conrelid, confrelid)
   AND contype = 'f')::int AS foreign_keys,
  (SELECT count(*) FROM pg_rewrite WHERE ev_class = c.oid AND rulename <> '_RETURN')::int AS rules
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
  ON n.nspname = wanted.schema AND c.relname = wanted.name
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a stream."""

    server: Server
    tables: dict[Name, TableFacts]
    may_rest: bool
    """Whether triggers and foreign keys can be made to rest (session_replication_role)."""
    filled: frozenset[Name]
    """The tables that have rows."""
    ahead: float
    """How many seconds the server's clock is ahead of ours."""
    unsure: float
    """By how much that may be wrong: half the time that asking took."""


def gather(connection: Connection, stream: Stream, names: Iterable[Name]) -> Side:
    """Gather the facts of one side. Raises DatabaseSilent or DatabaseRefused."""
    wanted = tuple(dict.fromkeys(names))
    with answers(connection):
        server = _server(connection, stream)
        tables = _tables(connection, wanted)
        ahead, unsure = _clock(connection)
        return Side(
            server=server,
            tables=tables,
            may_rest=_may_rest(connection),
            filled=frozenset(n for n in tables if _has_rows(connection, tables[n])),
            ahead=ahead,
            unsure=unsure,
        )


def _server(connection: Connection, stream: Stream) -> Server:
    with connection.cursor(row_factory=class_row(Server)) as cursor:
        values = {"own": SCHEMA, "stream": stream.on_server}
        server = cursor.execute(_SERVER.encode(), values).fetchone()
    if server is None:
        raise DatabaseRefused(
            "the server does not know the role that asks", where=place(connection)
        )
    return server


def _tables(connection: Connection, names: tuple[Name, ...]) -> dict[Name, TableFacts]:
    with connection.cursor(row_factory=class_row(TableFacts)) as cursor:
        schemas, tables = [n.schema for n in names], [n.table for n in names]
        found = cursor.execute(_TABLES.encode(), [schemas, tables]).fetchall()
    return {facts.name: facts for facts in found}


def _may_rest(connection: Connection) -> bool:
    """Try it: some services let roles set it whom the catalog knows nothing of."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _has_rows(connection: Connection, table: TableFacts) -> bool:
    """Whether a table has rows, as far as our role may see them."""
    if table.hides or not table.selects:
        return False
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table.name.sql)
    return connection.execute(query).fetchone() == (True,)


def _clock(connection: Connection) -> tuple[float, float]:
    """Ask for the time; the answer was true in the middle between asking and hearing."""
    before = time.time()
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    after = time.time()
    return (row[0] if row else after) - (before + after) / 2, (after - before) / 2
