"""Collapsing, against a target that takes every change one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from matapalo.stream.batch import Net, collapse, key_of
from matapalo.stream.pgoutput import Cells, Change, Kind, LogColumn, Relation
from matapalo.stream.shape import Name
from tests.support import examples

COLUMNS = tuple(LogColumn(name, 25, -1, name == "id") for name in ("id", "a", "b"))
TABLE = Relation(7, Name("public", "t"), "d", COLUMNS, (0,))
KEY = key_of((0,))

Table = dict[bytes, Cells]


@dataclass
class Source:
    """A table that is changed at random, and the log of it."""

    rows: Table
    log: list[Change] = field(default_factory=list)

    def insert(self, key: bytes, value: bytes) -> None:
        if key not in self.rows:
            self.rows[key] = [key, value, value]
            self.log.append((Kind.INSERT, TABLE, list(self.rows[key]), None))

    def delete(self, key: bytes) -> None:
        if self.rows.pop(key, None):
            self.log.append((Kind.DELETE, TABLE, [], [key, b"", b""]))

    def truncate(self) -> None:
        self.rows.clear()
        self.log.append((Kind.TRUNCATE, TABLE, [], None))

    def update(self, key: bytes, new: bytes, value: bytes, told: bool) -> None:
        """Change a row and perhaps its key; `told` says whether the log has the column `b`."""
        row = self.rows.get(key)
        if row is None or (new != key and new in self.rows):
            return
        del self.rows[key]
        self.rows[new] = [new, value, value if told else row[2]]
        old: Cells | None = [key, b"", b""] if new != key else None
        logged: Cells = [new, value, value if told else None]
        self.log.append((Kind.UPDATE if told else Kind.PARTIAL, TABLE, logged, old))


def applied(rows: Table, net: Net) -> Table:
    """Do to a target what a net says, as its documentation says it is done."""
    assert not set(map(KEY, net.fresh)) & set(map(KEY, net.changed + net.partial))
    table: Table = {} if net.emptied else dict(rows)
    moved = [_filled(move.cells, table[_one(move.base)]) for move in net.moved]
    for gone in net.gone:
        del table[_one(gone)]
    for cells in net.changed + net.partial:
        table[_one(KEY(cells))] = _filled(cells, table[_one(KEY(cells))])
    for cells in net.fresh + moved:
        assert KEY(cells) not in table, "a key that is there is inserted"
        table[_one(KEY(cells))] = cells
    return table


def _one(key: object) -> bytes:
    assert isinstance(key, bytes)
    return key


def _filled(cells: Cells, old: Cells) -> Cells:
    return [was if now is None else now for now, was in zip(cells, old, strict=True)]


KEYS = st.sampled_from([b"1", b"2", b"3", b"4"])
VALUES = st.sampled_from([b"x", b"y", b"z"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), KEYS, VALUES),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("update"), KEYS, KEYS, VALUES, st.booleans()),
        st.tuples(st.just("truncate")),
    ),
    max_size=25,
)


@settings(max_examples=examples(1000))
@given(st.sets(KEYS), STEPS)
def test_a_net_does_to_a_target_what_the_changes_did_to_the_source(
    there: set[bytes], steps: list[tuple[str, ...]]
) -> None:
    start: Table = {key: [key, b"0", b"0"] for key in sorted(there)}
    source = Source(dict(start))
    for name, *arguments in steps:
        getattr(source, name)(*arguments)
    target = start
    for nets in collapse(source.log, lambda _: KEY):
        for net in nets:
            target = applied(target, net)
    assert target == source.rows


def nets_of(changes: Sequence[Change]) -> Iterator[Net]:
    for nets in collapse(changes, lambda _: KEY):
        yield from nets


def test_many_changes_of_a_row_are_one() -> None:
    source = Source({b"3": [b"3", b"0", b"0"], b"9": [b"9", b"0", b"0"]})
    source.insert(b"7", b"a")
    source.update(b"7", b"7", b"b", True)
    source.update(b"3", b"3", b"c", True)
    source.delete(b"9")
    source.update(b"3", b"3", b"d", False)
    (net,) = nets_of(source.log)
    assert (net.gone, net.fresh, net.changed) == (
        [b"9"],
        [[b"7", b"b", b"b"]],
        [[b"3", b"d", b"c"]],
    )
    assert net.rows == 3


def test_a_row_that_comes_and_goes_never_was() -> None:
    source = Source({})
    source.insert(b"1", b"a")
    source.update(b"1", b"2", b"b", True)
    source.delete(b"2")
    (net,) = nets_of(source.log)
    assert net.rows == 0


def test_an_altered_table_begins_anew() -> None:
    altered = Relation(7, TABLE.name, "d", COLUMNS[:2], (0,))
    changes: list[Change] = [
        (Kind.INSERT, TABLE, [b"1", b"a", b"b"], None),
        (Kind.UPDATE, altered, [b"1", b"c"], None),
        (Kind.UPDATE, altered, [b"1", b"d"], None),
    ]
    first, second = nets_of(changes)
    assert (first.fresh, second.changed) == ([[b"1", b"a", b"b"]], [[b"1", b"d"]])
