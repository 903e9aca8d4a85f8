"""Loading tables between two databases of a test's own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from matapalo.blueprint import Table
from matapalo.stream.database import connect
from matapalo.stream.load import Book, Copied, Event, Order, Sizes, load
from matapalo.stream.mapping import Flows
from matapalo.stream.names import Stream
from matapalo.stream.plan import read_flows
from matapalo.stream.preflight import Findings, examine
from matapalo.stream.shape import Name
from tests.stream.servers import database, fetch

SMALL = Sizes(piece=16 << 10)
"""Ranges so small that even a test's tables have many."""


@dataclass
class Place:
    """Two databases, and the tables that are carried from one to the other."""

    source: str
    target: str
    tables: tuple[Table, ...] = ()
    stream: Stream = field(default_factory=lambda: Stream("load"))

    def order(self, **other: object) -> Order:
        """Return what is to be loaded."""
        settings: dict[str, object] = {
            "stream": self.stream,
            "source": self.source,
            "target": self.target,
            "tables": self.tables,
            "jobs": 2,
            **other,
        }
        return Order(**settings)  # type: ignore[arg-type]  # a test says what it wants

    def load(self, *names: str | Table, **other: object) -> list[Event]:
        """Load tables, and return what was told."""
        self.tables = tuple(Table(name=n) if isinstance(n, str) else n for n in names)
        return list(load(self.order(**other)))

    def again(self, **other: object) -> list[Event]:
        """Load the same tables."""
        return list(load(self.order(**other)))

    def examine(self, *names: str | Table) -> Findings:
        """Look for what would hurt."""
        tables = [Table(name=n) if isinstance(n, str) else n for n in names]
        with connect(self.source) as source, connect(self.target) as target:
            return examine(source, target, self.stream, tables)

    def flows(self) -> Flows:
        """Return the flows of the tables as they are."""
        with connect(self.source) as source, connect(self.target) as target:
            return read_flows(source, target, self.tables)

    def differing(self) -> list[str]:
        """Return the tables that do not have the same rows on both sides."""
        names = [Name.parse(table.name) for table in self.tables]
        return [str(name) for name in names if rows(self.source, name) != rows(self.target, name)]


@contextmanager
def place(source: str, target: str = "") -> Iterator[Place]:
    """Make two databases on the servers that the URLs name, and drop them in the end."""
    servers = (source, target or source)
    urls = [database(server) for server in servers]
    try:
        yield Place(urls[0], urls[1])
    finally:
        for url, server in zip(urls, servers, strict=True):
            _drop(url, server)


def _drop(url: str, server: str) -> None:
    name = url.rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
            " WHERE database = %s AND active",
            [name],
        )
        while True:
            try:
                connection.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    " WHERE database = %s",
                    [name],
                )
            except psycopg.errors.ObjectInUse:
                continue
            break
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(url: str, name: Name, columns: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return every row of a table, as text, in an order that is its own."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else sql.SQL("t.*")
    query = sql.SQL('SELECT CAST(row({}) AS text) COLLATE "C" FROM {} AS t ORDER BY 1').format(
        listed, name.sql
    )
    with connect(url) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def halted_at(url: str, number: int) -> Iterator[Callable[[], None]]:
    """Let a load stand still in the transaction of its range of that number.

    It goes on when what is given is called, or at the end.
    """
    with connect(url) as target:
        Book(target, Stream("load")).install()
        target.execute(_HALT.encode(), prepare=False)
    with connect(url) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [number])
        yield holder.close


_HALT = """
CREATE OR REPLACE FUNCTION public.halt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(NEW.number);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER halt AFTER UPDATE ON matapalo.load_range
    FOR EACH ROW EXECUTE FUNCTION public.halt();
ALTER TABLE matapalo.load_range ENABLE ALWAYS TRIGGER halt;
"""


def waiting(url: str) -> bool:
    """Return whether a load stands still where it was told to."""
    return bool(
        fetch(
            url,
            """SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
               WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted""",
        )
    )


def ended(events: Sequence[Event]) -> Copied:
    """Return the last event, which says that all is copied."""
    last = events[-1]
    assert isinstance(last, Copied), [str(event) for event in events]
    return last
