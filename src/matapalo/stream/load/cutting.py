"""Looking at the source's tables, to cut them into ranges."""

from collections.abc import Iterator
from dataclasses import dataclass

from matapalo.stream.database import Connection, answers
from matapalo.stream.load.ranges import Range, cut, pieces, sample
from matapalo.stream.mapping import Flow, Flows
from matapalo.stream.shape import Shape

_SAMPLES = 100
"""How many keys are looked at for each range."""
_ORDERED = 0.5
"""How far rows have to lie in the order of their keys so that a range is read without detours."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large ranges are."""

    piece: int = 64 << 20
    """Bytes of a table that make one range."""
    most: int = 1000
    """The most ranges that a table is cut into."""


_SIZE = """
SELECT sum(pg_relation_size(relid))::int8, sum(greatest(reltuples, 0))::int8
FROM (SELECT %(table)s::regclass AS relid UNION SELECT relid FROM pg_partition_tree(%(table)s))
     AS family JOIN pg_class ON pg_class.oid = relid
"""
_ORDER = """
SELECT abs(correlation) FROM pg_stats
WHERE (schemaname, tablename, attname) = (%s, %s, %s) AND NOT inherited
"""


def cut_all(source: Connection, flows: Flows, sizes: Sizes, jobs: int) -> tuple[Range, ...]:
    """Cut every flow's table into ranges."""
    return tuple(
        piece
        for number, flow in enumerate(flows)
        for piece in _cut(source, number, flow, sizes, jobs)
    )


def expected_rows(source: Connection, flows: Flows) -> int:
    """Return how many rows there may be, as far as the source's statistics know."""
    return sum(_size(source, flow.source)[1] for flow in flows)


def _cut(source: Connection, number: int, flow: Flow, sizes: Sizes, jobs: int) -> Iterator[Range]:
    size, rows = _size(source, flow.source)
    count = pieces(size, sizes.piece, sizes.most)
    if count > 1 and not _is_ordered(source, flow.source):
        # Every range reads the whole table: as many as run side by side.
        count = min(count, jobs)
    samples: list[tuple[str, ...]] = []
    if count > 1:
        percent = min(100.0, 100.0 * _SAMPLES * count / max(rows, 1))
        with answers(source):
            samples = source.execute(sample(flow, percent)).fetchall()
    yield from cut(number, samples, count)


def _size(source: Connection, shape: Shape) -> tuple[int, int]:
    with answers(source):
        row = source.execute(_SIZE.encode(), {"table": shape.name.sql.as_string()}).fetchone()
    return (row[0] or 0, row[1] or 0) if row else (0, 0)


def _is_ordered(source: Connection, shape: Shape) -> bool:
    """Whether rows lie in the order of the key; where nothing is known, as if they did."""
    with answers(source):
        row = source.execute(
            _ORDER.encode(), [shape.name.schema, shape.name.table, shape.key[0]]
        ).fetchone()
    return row is None or row[0] is None or row[0] >= _ORDERED
