"""What the decoder makes of a log, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.errors import DatabaseRefused
from matapalo.stream.pgoutput import Batch, Decoder, Kind
from tests.stream import log

TABLE = log.relation(7, ["id", "a", "b"])


def decoded(*messages: bytes) -> Decoder:
    decoder = Decoder("matapalo_x_reverse")
    decoder.feed(messages)
    return decoder


def only(*messages: bytes) -> Batch:
    batch = decoded(*messages).take()
    assert batch
    return batch


def told(batch: Batch) -> list[tuple[str, str, list[bytes | None]]]:
    """Changes as they read: kind, table, new row."""
    return [(chr(kind), relation.name.table, new) for kind, relation, new, _ in batch.changes]


def cells(*values: str | None) -> list[bytes | None]:
    return [log.cell(value) for value in values]


def test_a_transaction_is_handed_on_when_it_is_whole() -> None:
    decoder = decoded(log.begin(100), TABLE, log.insert(7, ["1", "x", log.NULL]))
    assert decoder.take() is None
    decoder.feed([log.commit(100, at=5)])
    batch = decoder.take()
    assert batch
    assert told(batch) == [("I", "t7", cells("1", "x", log.NULL))]
    assert [(c.upto, c.position, c.at) for c in batch.commits] == [(1, 100, 5)]
    assert not batch.open
    assert decoder.take() is None


def test_transactions_behind_a_limit_stay() -> None:
    decoder = decoded(
        TABLE,
        *(log.begin(100), log.insert(7, ["1", "", ""]), log.commit(100)),
        *(log.begin(200), log.insert(7, ["2", "", ""]), log.insert(7, ["3", "", ""]), log.commit(200)),
        *(log.begin(300), log.commit(300)),
    )  # fmt: skip
    assert decoder.take(limit=99) is None
    assert not decoder.passed(100)
    first = decoder.take(limit=199)
    assert first
    assert len(first.changes) == 1
    assert decoder.passed(199)
    rest = decoder.take(limit=300)
    assert rest
    assert [commit.upto for commit in rest.commits] == [2, 2]
    assert decoder.size == 0


def test_a_huge_transaction_is_handed_on_in_pieces() -> None:
    decoder = decoded(log.begin(100), TABLE, *(log.insert(7, [str(i), "", ""]) for i in range(5)))
    assert decoder.take(piece=6) is None
    assert decoder.take(piece=5, limit=99) is None
    piece = decoder.take(piece=5)
    assert piece
    assert piece.open
    assert len(piece.changes) == 5
    decoder.feed([log.insert(7, ["5", "", ""]), log.commit(100)])
    last = decoder.take()
    assert last
    assert (len(last.changes), last.open) == (1, False)


def test_what_came_the_other_way_is_skipped_and_nothing_else() -> None:
    batch = only(
        TABLE,
        *(log.begin(10), log.origin("matapalo_x_reverse"), log.insert(7, ["1", "", ""]), log.commit(10)),
        *(log.begin(20), log.origin("matapalo_y_reverse"), log.insert(7, ["2", "", ""]), log.commit(20)),
        *(log.begin(30), log.message("matapalo.applied", b"matapalo_x_reverse"),
          log.insert(7, ["3", "", ""]), log.truncate(7), log.update(7, ["3", "", ""]),
          log.delete(7, ["3", "", ""]), log.commit(30)),
        *(log.begin(40), log.message("matapalo.applied", b"matapalo_y_reverse"),
          log.insert(7, ["4", "", ""]), log.commit(40)),
        *(log.begin(50), log.insert(7, ["5", "", ""]), log.commit(50)),
    )  # fmt: skip
    assert [new[0] for _, _, new, _ in batch.changes] == cells("2", "4", "5")
    assert [commit.position for commit in batch.commits] == [10, 20, 30, 40, 50]


def test_values_that_the_log_leaves_out_are_taken_from_the_old_row_where_it_has_them() -> None:
    full = log.relation(8, ["id", "a", "b"], identity="f")
    batch = only(
        TABLE,
        full,
        log.begin(9),
        log.update(7, ["1", None, "b"]),
        log.update(7, [None, None, "b"], ["1", log.NULL, log.NULL]),
        log.update(8, ["1", None, "b"], ["1", "old", "a"], full=True),
        log.commit(9),
    )
    assert told(batch) == [
        ("P", "t7", cells("1", None, "b")),
        ("P", "t7", cells("1", None, "b")),
        ("U", "t8", cells("1", "old", "b")),
    ]


def test_a_table_described_again_is_another_only_where_its_rows_are() -> None:
    batch = only(
        log.begin(9),
        *(TABLE, log.insert(7, ["1", "", ""])),
        *(TABLE, log.insert(7, ["2", "", ""])),
        *(log.relation(7, ["id", "a"]), log.insert(7, ["3", ""])),
        log.commit(9),
    )
    one, two, three = (relation for _, relation, _, _ in batch.changes)
    assert one is two
    assert two is not three
    assert [column.name for column in three.columns] == ["id", "a"]


def test_messages_stand_between_transactions_or_within_one() -> None:
    decoder = decoded(
        *(log.begin(10), log.message("fence", b"one", at=4), log.commit(10)),
        log.message("said", b"two", transactional=False, at=12),
        *(log.begin(20), log.message("fence", b"three"), log.commit(20)),
    )
    first = decoder.take(limit=15)
    assert first
    assert [(m.prefix, m.content, m.position) for m in first.marks] == [
        ("fence", b"one", 4),
        ("said", b"two", 12),
    ]
    second = decoder.take()
    assert second
    assert [mark.content for mark in second.marks] == [b"three"]


def test_a_message_of_no_transaction_waits_for_none() -> None:
    batch = only(log.message("said", b"x", transactional=False))
    assert (batch.changes, batch.commits, len(batch.marks)) == ([], (), 1)


def test_a_quiet_source_still_says_how_far_it_is() -> None:
    decoder = decoded(log.keepalive(500))
    assert decoder.received == 500
    assert not decoder.answer_wanted
    decoder.feed([log.begin(900), log.keepalive(800, answer=True)])
    assert decoder.received == 500
    assert decoder.waiting
    assert decoder.answer_wanted


def test_a_truncate_is_told_for_each_table() -> None:
    batch = only(TABLE, log.relation(8, ["id"]), log.begin(9), log.truncate(8, 7), log.commit(9))
    assert [(kind, relation.name.table) for kind, relation, _, _ in batch.changes] == [
        (Kind.TRUNCATE, "t8"),
        (Kind.TRUNCATE, "t7"),
    ]


def test_a_message_that_the_protocol_does_not_have_is_refused() -> None:
    with pytest.raises(DatabaseRefused, match="0x5a"):
        decoded(log.data(b"Z"))


VALUES = st.one_of(st.none(), st.just(log.NULL), st.text(max_size=300))


@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=20), st.data())
def test_batches_do_not_depend_on_when_messages_come(
    rows: list[log.Row], draw: st.DataObject
) -> None:
    messages = [TABLE]
    for number, values in enumerate(rows):
        messages += [log.begin(number * 10), log.update(7, values), log.commit(number * 10 + 9)]
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(messages)), max_size=5)))
    decoder, got = Decoder("x"), []
    for start, end in zip([0, *cuts], [*cuts, len(messages)], strict=True):
        decoder.feed(messages[start:end])
        if batch := decoder.take():
            got += [new for _, _, new, _ in batch.changes]
    assert got == [cells(*values) for values in rows]
