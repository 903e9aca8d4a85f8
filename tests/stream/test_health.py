"""How a stream is judged, and that a lost slot, silence and growth are said plainly."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.stream.database import connect
from matapalo.stream.health import (
    Facts,
    Lag,
    Slot,
    beat,
    gather,
    heartbeat,
    judge,
    lag,
    size,
)
from matapalo.stream.names import Stream
from tests.stream.servers import database, fetch, run, server

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
GIB = 1 << 30
SLOT = Slot(active=True, status="reserved", kept=0, left=None, reason="", confirmed=1000)
WELL = Facts(
    at=NOW, log=1000, next_transaction=70, limit=None, slot=SLOT, applied=1000,
    commit_at=NOW - timedelta(seconds=0.5), applied_transaction=69,
)  # fmt: skip


def test_what_is_not_known_is_none_and_never_zero() -> None:
    assert lag(Facts()) == Lag(None, None, None)
    assert lag(replace(WELL, applied=None)).bytes is None
    assert lag(replace(WELL, commit_at=None)).seconds is None
    assert lag(replace(WELL, log=5000, applied_transaction=None)).transactions is None
    assert lag(replace(WELL, log=None)).bytes is None


def test_a_stream_that_is_up_to_date_gives_no_sign() -> None:
    assert judge(WELL).signs == ()
    assert lag(WELL) == Lag(bytes=0, seconds=0.5, transactions=0)


def test_transactions_since_the_last_heartbeat_count_while_log_is_left_to_apply() -> None:
    assert lag(replace(WELL, log=5000)).transactions == 1
    assert lag(replace(WELL, next_transaction=110)).transactions == 0


def test_what_the_slot_has_confirmed_counts_as_applied() -> None:
    assert lag(replace(WELL, log=5000, slot=replace(SLOT, confirmed=4000))).bytes == 1000


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 62))
def test_a_lag_is_never_negative(log: int, applied: int) -> None:
    found = lag(replace(WELL, log=log, applied=applied)).bytes
    assert found is not None
    assert found >= 0


@pytest.mark.parametrize(
    "slot",
    [None, replace(SLOT, status="lost"), replace(SLOT, reason="wal_removed")],
)
def test_a_lost_slot_is_said_to_need_a_new_load(slot: Slot | None) -> None:
    health = judge(replace(WELL, slot=slot))
    assert health.lost
    assert "load anew" in health.signs[0].hint


def test_a_source_that_does_not_answer_has_lost_nothing() -> None:
    health = judge(Facts(applied=1000, commit_at=NOW))
    assert not health.lost
    assert health.lag.bytes is None
    assert "does not answer" in health.signs[0].what


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(WELL, slot=replace(SLOT, active=False)), "nothing reads the slot"),
        (replace(WELL, slot=replace(SLOT, status="unreserved")), "at the next checkpoint"),
        (replace(WELL, limit=GIB, slot=replace(SLOT, left=GIB // 5)), "after 204.8 MB more"),
        (replace(WELL, slot=replace(SLOT, kept=5 * GIB)), "nothing bounds it"),
    ],
)
def test_danger_is_said_early(facts: Facts, said: str) -> None:
    assert any(said in sign.what for sign in judge(facts).signs)
    assert not judge(facts).lost


def test_growth_foretells_when_a_slot_is_lost() -> None:
    before = replace(WELL, limit=100 * GIB, slot=replace(SLOT, left=60 * GIB))
    after = replace(before, at=NOW + timedelta(minutes=1), slot=replace(SLOT, left=58 * GIB))
    assert any("lost in 29 minutes" in sign.what for sign in judge(after, before).signs)
    assert judge(before, after).signs == ()


@given(st.binary(max_size=30))
def test_nonsense_in_the_log_is_no_heartbeat(content: bytes) -> None:
    found = heartbeat(content)
    assert found is None or content.decode().replace(" ", "").isdecimal()


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 kB"), (3 << 40, "3.0 TB")]
)
def test_sizes_are_said_as_a_person_would(count: int, said: str) -> None:
    assert size(count) == said


def test_a_real_slot_that_is_lost_is_seen_to_be(postgres: str) -> None:
    settings = {"max_slot_wal_keep_size": "16MB", "max_wal_size": "32MB"}
    stream = Stream("grown")
    with server(settings=settings) as one:
        url = database(one.url)
        with connect(url) as source:
            assert judge(gather(source, None, stream)).lost
            slot = "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')"
            source.execute(slot, [stream.on_server])
            beat(source)
            facts = gather(source, None, stream)
            assert facts.limit == 16 << 20
            assert facts.slot is not None
            assert not judge(facts).lost
            run(url, "CREATE TABLE junk (t text)")
            for _ in range(5):
                run(url, "INSERT INTO junk SELECT repeat('x', 1000) FROM generate_series(1, 16000)")
                run(url, "SELECT pg_switch_wal(); CHECKPOINT")
            assert judge(gather(source, None, stream)).lost
            assert fetch(url, "SELECT wal_status FROM pg_replication_slots") == [("lost",)]
