"""One side of a comparison: a database at one moment, read by several sessions at once.

Every session has the same snapshot, so that what is read piece by piece is one moment's content,
whatever is written meanwhile. A piece is a stretch of a table's blocks: no index is needed, and no
statement runs for long.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Self

from psycopg import sql

from matapalo.stream import rewriting
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.names import literal, trusted
from matapalo.stream.shape import Name
from matapalo.stream.verify.buckets import Cut, Part, Sum, by_hash, fractions, merged
from matapalo.stream.verify.view import View, hashed

Key = tuple[str, ...]
Seen = Callable[[int], None]
"""Told how many rows were read."""

_PIECE = 16384
"""How many blocks of a table one statement reads."""
_SAMPLE = 300
"""From how many blocks the bounds of ranges are taken."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A table that holds rows itself."""

    name: Name
    blocks: int
    rows: int
    in_blocks: bool
    """Whether its rows can be read by the numbers of blocks."""


class Side:
    """A database at one moment: `with Side(url) as side`."""

    def __init__(self, url: str, *, snapshot: str | None = None, sessions: int = 2) -> None:
        """Begin with the snapshot that another session exported, else with the present moment."""
        self._url = url
        self._snapshot = snapshot
        self._sessions = sessions
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            snapshot = self._snapshot
            for _ in range(self._sessions):
                session = opening.enter_context(connect(self._url, application="matapalo verify"))
                snapshot = _begin(session, snapshot)
                self._free.put(session)
            self._now = opening.enter_context(connect(self._url, application="matapalo verify"))
            self._open = opening.pop_all()
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    def renew(self) -> None:
        """Go on to the present moment. Nothing may be read meanwhile."""
        snapshot = None
        for _ in range(self._sessions):
            with self._session() as session:
                with answers(session):
                    session.execute("ROLLBACK")
                snapshot = _begin(session, snapshot)

    def cut(self, view: View) -> Cut:
        """Return how a table is best cut into buckets, by what this side has of it."""
        leaves = self._leaves(view)
        rows = sum(leaf.rows for leaf in leaves)
        if view.lead is None:
            return by_hash(rows)
        if not (ends := fractions(rows)):
            return Cut()
        share = min(100.0, 100 * _SAMPLE / max(1, sum(leaf.blocks for leaf in leaves)))
        query = sql.SQL(
            "SELECT (percentile_disc({}::float8[]) WITHIN GROUP (ORDER BY {}))::text[]"
            " FROM {} TABLESAMPLE SYSTEM ({}) WHERE {}"
        ).format(
            sql.Literal(list(ends)), view.lead, _table(view), sql.Literal(share), view.condition
        )
        [(found,)] = self._ask(query)
        return Cut(bounds=tuple(dict.fromkeys(found or ())))

    def sums(self, view: View, cut: Cut, seen: Seen) -> dict[int, Sum]:
        """Return the sums of a table's buckets."""
        bucket = _bucket(view, cut)

        def read(piece: sql.Composed) -> list[Any]:
            found = self._ask(_sums(view, bucket, piece))
            seen(sum(rows for _, rows, _ in found))
            return found

        pieces = list(_pieces(view, self._leaves(view)))
        with ThreadPoolExecutor(self._sessions) as pool:
            return merged(pool.map(read, pieces))

    def finer_sums(self, view: View, cut: Cut) -> dict[int, Sum]:
        """Return the sums of the buckets that a part is cut into."""
        source = _source(view, _in_part(view, [cut.part]))
        return merged([self._ask(_sums(view, _bucket(view, cut), source))])

    def rows(self, view: View, parts: Sequence[Part]) -> dict[Key, int]:
        """Return the hash of each row in some parts of a table."""
        row = sql.SQL("SELECT {}, {} ").format(view.row, sql.SQL(", ").join(view.key_text))
        # A query for each range, so that the planner takes the index for each.
        sources = [_source(view, _in_part(view, alike)) for alike in _alike(parts)]
        query = sql.SQL(" UNION ALL ").join(row + source for source in sources)
        return {tuple(key): value for value, *key in self._ask(query)}

    def cells(self, view: View, keys: Sequence[Key]) -> dict[Key, tuple[int, ...]]:
        """Return the hash of each row and of each of its values; a missing row is left out."""
        if not keys:
            return {}
        query = sql.SQL("SELECT {}, {} {}").format(
            sql.SQL(", ").join(view.key_text),
            sql.SQL(", ").join([view.row, *map(hashed, view.values)]),
            _source(view, by_key(view, keys)),
        )
        width = len(view.key)
        return {tuple(row[:width]): tuple(row[width:]) for row in self._ask(query)}

    def texts(self, view: View, keys: Sequence[Key]) -> dict[Key, tuple[str | None, ...]]:
        """Return some rows with their values, as text; a missing row is left out."""
        if not keys:
            return {}
        values = [sql.SQL("({}::text)").format(value) for value in view.values]
        query = sql.SQL("SELECT {} {}").format(
            sql.SQL(", ").join((*view.key_text, *values)), _source(view, by_key(view, keys))
        )
        width = len(view.key)
        return {tuple(row[:width]): tuple(row[width:]) for row in self._ask(query)}

    def check(self, view: View) -> None:
        """Check that the table could be read as of the moment. Raises TableRewritten."""
        with self._session() as then:
            rewriting.check(then, self._now, view.table)

    def _leaves(self, view: View) -> list[Leaf]:
        query = sql.SQL("""
            WITH RECURSIVE family(oid) AS (
                SELECT {}::regclass::oid
                UNION ALL SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid
                WHERE {})
            SELECT nspname, relname, pg_relation_size(c.oid) / current_setting('block_size')::int,
                   greatest(reltuples, pg_relation_size(c.oid) / 200)::bigint, amname = 'heap'
            FROM family JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = relnamespace
            LEFT JOIN pg_am ON pg_am.oid = relam WHERE relkind <> 'p' ORDER BY 1, 2
            """).format(literal(view.table.sql.as_string()), sql.Literal(view.partitioned))
        return [
            Leaf(Name(schema, table), blocks or 0, rows or 0, in_blocks=bool(heap))
            for schema, table, blocks, rows, heap in self._ask(query)
        ]

    def _ask(self, query: sql.Composed) -> list[Any]:
        """Ask, and let go of the locks: nobody's ALTER or TRUNCATE, and whoever queues behind it,
        waits longer than one statement takes.
        """
        with (
            self._session() as session,
            answers(session),
            session.transaction(force_rollback=True),
        ):
            return session.execute(query).fetchall()

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        session = self._free.get()
        try:
            yield session
        finally:
            self._free.put(session)


def by_key(view: View, keys: Sequence[Key]) -> sql.Composed:
    """Return the condition that a row has one of some keys, in such a way that an index is used."""
    names = [sql.Identifier(f"k{i}") for i in range(len(view.key))]
    values = [
        sql.SQL("wanted.{}::{}").format(name, trusted(type_))
        for name, type_ in zip(names, view.key_types, strict=True)
    ]
    arrays = [
        sql.SQL("{}::text[]").format(sql.Literal(list(part))) for part in zip(*keys, strict=True)
    ]
    comma = sql.SQL(", ").join
    return sql.SQL("({}) IN (SELECT {} FROM unnest({}) AS wanted({}))").format(
        comma(view.key_columns), comma(values), comma(arrays), comma(names)
    )


def _begin(session: Connection, snapshot: str | None) -> str:
    """Begin a transaction at a snapshot, or at the present moment; return its snapshot."""
    with answers(session):
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot:
            session.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(literal(snapshot)))
        # Amounts of money look the same on every server by this; the rest is set on connecting.
        session.execute("SET LOCAL lc_monetary = 'C'")
        if snapshot:
            return snapshot
        row = session.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""


def _sums(view: View, bucket: sql.Composable, source: sql.Composed) -> sql.Composed:
    return sql.SQL(
        "SELECT bucket, count(*), bit_xor(hash)"
        " FROM (SELECT {} AS bucket, {} AS hash {}) AS summed GROUP BY 1"
    ).format(bucket, view.row, source)


def _bucket(view: View, cut: Cut) -> sql.Composable:
    if cut.mask:
        return _hash(view, cut.mask)
    if not cut.bounds or view.lead is None:
        return sql.SQL("0")
    # In a query of its own, which is run once: not every type's input is a constant to the planner.
    return sql.SQL("width_bucket({}, (SELECT {}::text[]::{}[]))").format(
        view.lead, sql.Literal(list(cut.bounds)), trusted(view.lead_type)
    )


def _hash(view: View, mask: int) -> sql.Composed:
    return sql.SQL("({} & {})").format(hashed(*view.key), sql.Literal(mask))


def _table(view: View) -> sql.Composed:
    """A partitioned table with its partitions, any other without its children."""
    return sql.SQL("{}{}").format(sql.SQL("" if view.partitioned else "ONLY "), view.table.sql)


def _source(view: View, *conditions: sql.Composable) -> sql.Composed:
    more = (sql.SQL(" AND {}").format(condition) for condition in conditions)
    return sql.SQL("FROM {} WHERE {}{}").format(
        _table(view), view.condition, sql.Composed(list(more))
    )


def _pieces(view: View, leaves: Sequence[Leaf]) -> Iterator[sql.Composed]:
    for leaf in leaves:
        source = sql.SQL("FROM ONLY {} WHERE {}").format(leaf.name.sql, view.condition)
        if not leaf.in_blocks:
            yield source
            continue
        for first in range(0, max(1, leaf.blocks), _PIECE):
            end = first + _PIECE
            yield source + _blocks(first, end if end < leaf.blocks else None)


def _blocks(first: int, end: int | None) -> sql.Composed:
    low = sql.SQL(" AND ctid >= {}::tid").format(literal(f"({first},0)"))
    if end is None:
        return low
    return low + sql.SQL(" AND ctid < {}::tid").format(literal(f"({end},0)"))


def _alike(parts: Sequence[Part]) -> list[list[Part]]:
    """Put parts together that differ by their hashes only."""
    found: dict[tuple[str | None, str | None, int], list[Part]] = {}
    for part in parts:
        found.setdefault((part.low, part.high, part.mask), []).append(part)
    return list(found.values())


def _in_part(view: View, alike: Sequence[Part]) -> sql.Composed:
    """Return the condition that a row is in one of some parts of the same range and mask."""
    within = _in_range(view, alike[0])
    if not alike[0].mask:
        return within
    values = sql.Literal([part.value for part in alike])
    return sql.SQL("({} AND {} = ANY ({}))").format(within, _hash(view, alike[0].mask), values)


def _in_range(view: View, part: Part) -> sql.Composed:
    ends = [(">=", part.low), ("<", part.high)]
    conditions = [
        sql.SQL("{} {} {}::{}").format(
            view.lead, trusted(sign), literal(end), trusted(view.lead_type)
        )
        for sign, end in ends
        if view.lead and end is not None
    ]
    every = sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")
    return sql.SQL("({})").format(every)
