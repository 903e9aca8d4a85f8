"""The guard, on real tables: who is kept out, who may write, and that closing waits for writers."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from matapalo.errors import GuardBlocked, StreamError
from matapalo.stream import guard
from matapalo.stream.database import Connection, connect
from matapalo.stream.guard import Guard
from matapalo.stream.shape import Name
from tests.stream.servers import database, fetch, run, server

ODD = Name("sch é", 'a"b "C"; --')
PLAIN = Name("public", "plain")
PARTED = Name("public", "parted")
TABLES = (ODD, PLAIN, PARTED)
GUARD = Guard("state'ments\\", 'service "statements/api"', "matapalo_statements_reverse")


@pytest.fixture
def url(postgres: str) -> str:
    url = database(postgres)
    run(
        url,
        """CREATE SCHEMA "sch é";
           CREATE TABLE "sch é"."a""b ""C""; --" (id int PRIMARY KEY, v text);
           CREATE TABLE plain (id int PRIMARY KEY, v text);
           CREATE TABLE child (id int PRIMARY KEY, plain int REFERENCES plain ON DELETE CASCADE);
           CREATE TABLE parted (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
           CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
           CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
           INSERT INTO plain VALUES (1, 'a'); INSERT INTO parted VALUES (1, 'a')""",
    )
    return url


@pytest.fixture
def keeper(url: str) -> Iterator[Connection]:
    with connect(url) as connection:
        yield connection


WRITES = [
    "INSERT INTO plain VALUES (2, 'b')",
    "UPDATE plain SET v = 'c'",
    "UPDATE plain SET v = 'c' WHERE false",
    "DELETE FROM plain",
    "TRUNCATE plain CASCADE",
    "MERGE INTO plain USING (VALUES (7)) AS s(id) ON plain.id = s.id"
    " WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'x')",
    "INSERT INTO parted VALUES (2, 'b')",
    "INSERT INTO parted_2 VALUES (12, 'b')",
    "TRUNCATE parted_1",
    'INSERT INTO "sch é"."a""b ""C""; --" VALUES (1, NULL)',
]


@pytest.mark.parametrize("write", WRITES)
def test_a_closed_table_refuses_every_kind_of_write(
    url: str, keeper: Connection, write: str
) -> None:
    guard.close(keeper, TABLES, GUARD, within=10)
    with pytest.raises(psycopg.Error) as refused:
        run(url, write)
    assert refused.value.sqlstate == guard.STATE
    assert "state'ments\\" in str(refused.value)
    assert 'service "statements/api"' in str(refused.value)


@pytest.mark.parametrize("write", WRITES)
def test_the_admitted_stream_may_write_and_an_open_guard_lets_all_write(
    url: str, keeper: Connection, write: str
) -> None:
    guard.close(keeper, TABLES, GUARD, within=10)
    with psycopg.connect(url, autocommit=True) as stream:
        stream.execute(guard.admission(GUARD.admits))
        stream.execute(write.encode())
    guard.reopen(keeper, TABLES, within=10)
    run(url, "DELETE FROM plain; DELETE FROM parted")
    assert {door.closed for door in guard.doors(keeper)} == {False}


def test_another_stream_is_a_writer_like_any_other(url: str, keeper: Connection) -> None:
    guard.close(keeper, TABLES, GUARD, within=10)
    with psycopg.connect(url, autocommit=True) as stream:
        stream.execute(guard.admission("matapalo_statements_forward"))
        with pytest.raises(psycopg.Error, match="closed to this writer"):
            stream.execute("DELETE FROM plain")


def test_a_guard_that_admits_nobody_refuses_a_session_without_a_name(
    url: str, keeper: Connection
) -> None:
    guard.close(keeper, TABLES, Guard("s", "o", ""), within=10)
    with psycopg.connect(url, autocommit=True) as stream:
        stream.execute(guard.admission(""))
        with pytest.raises(psycopg.Error, match="closed to this writer"):
            stream.execute("DELETE FROM plain")


def test_a_replica_session_is_kept_out_too(url: str, keeper: Connection) -> None:
    guard.close(keeper, TABLES, GUARD, within=10)
    with pytest.raises(psycopg.Error, match="closed to this writer"):
        run(url, "SET session_replication_role = replica; DELETE FROM plain")


def test_copy_is_a_write(url: str, keeper: Connection) -> None:
    guard.close(keeper, TABLES, GUARD, within=10)
    with (
        psycopg.connect(url, autocommit=True) as writer,
        pytest.raises(psycopg.Error, match="closed to this writer"),
        writer.cursor().copy("COPY plain FROM STDIN") as copy,
    ):
        copy.write("5\tx\n")


def test_reading_and_the_tables_beside_are_free(url: str, keeper: Connection) -> None:
    guard.close(keeper, [PLAIN], GUARD, within=10)
    assert fetch(url, "SELECT v FROM plain FOR UPDATE") == [("a",)]
    run(url, "INSERT INTO parted VALUES (3, 'c'); INSERT INTO child VALUES (1, 1)")


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_a_transaction_that_began_before_and_has_not_written_is_refused(
    url: str, keeper: Connection, level: str
) -> None:
    with psycopg.connect(url) as writer:
        writer.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
        writer.execute("SELECT count(*) FROM child")
        guard.close(keeper, TABLES, GUARD, within=10)
        with pytest.raises(psycopg.Error, match="closed to this writer"):
            writer.execute("UPDATE plain SET v = 'late'")
        writer.rollback()


def test_closing_waits_for_those_who_have_written(url: str, keeper: Connection) -> None:
    with psycopg.connect(url) as writer:
        writer.execute("UPDATE plain SET v = 'mine'")
        closing = threading.Thread(
            target=guard.close, args=(keeper, TABLES, GUARD), kwargs={"within": 60}
        )
        closing.start()
        closing.join(0.6)
        assert closing.is_alive()
        writer.commit()
        closing.join(60)
        assert not closing.is_alive()
    assert fetch(url, "SELECT v FROM plain") == [("mine",)]
    assert all(door.closed for door in guard.doors(keeper))


def test_closing_that_cannot_wait_longer_changes_nothing_and_names_who_is_in_the_way(
    url: str, keeper: Connection
) -> None:
    with psycopg.connect(url, application_name="nightly batch") as writer:
        writer.execute("UPDATE parted_2 SET v = 'mine'")
        with pytest.raises(GuardBlocked, match="nightly batch"):
            guard.close(keeper, TABLES, GUARD, within=0.5)
        writer.commit()
    run(url, "UPDATE plain SET v = 'free'")


def test_writers_are_never_the_ones_who_fail_while_closing_waits(
    url: str, keeper: Connection
) -> None:
    """Who holds one table and writes to another waits behind the locks, and goes on."""
    with psycopg.connect(url) as writer:
        writer.execute("UPDATE plain SET v = 'one'")
        blocked: list[Exception] = []

        def close() -> None:
            try:
                guard.close(keeper, TABLES, GUARD, within=3)
            except GuardBlocked as error:
                blocked.append(error)

        closing = threading.Thread(target=close)
        closing.start()
        until = time.monotonic() + 2
        while time.monotonic() < until:
            writer.execute("UPDATE parted SET v = 'two'")
        closing.join()
        assert blocked
        writer.commit()


def test_close_open_and_prepare_may_run_twice(url: str, keeper: Connection) -> None:
    for _ in range(2):
        guard.prepare(keeper, TABLES, GUARD, within=10)
    assert {door.closed for door in guard.doors(keeper)} == {False}
    for _ in range(2):
        guard.close(keeper, TABLES, GUARD, within=10)
    guard.prepare(keeper, TABLES, GUARD, within=10)
    assert {door.closed for door in guard.doors(keeper)} == {True}
    assert {door.guard for door in guard.doors(keeper)} == {GUARD}
    for _ in range(2):
        guard.reopen(keeper, TABLES, within=10)
    assert {door.table for door in guard.doors(keeper, [PARTED])} == {
        PARTED, Name("public", "parted_1"), Name("public", "parted_2"),
    }  # fmt: skip


def test_remove_leaves_nothing(url: str, keeper: Connection) -> None:
    guard.close(keeper, TABLES, GUARD, within=10)
    guard.remove(keeper, [door.table for door in guard.doors(keeper)], within=10)
    assert guard.doors(keeper) == ()
    assert fetch(url, "SELECT count(*) FROM pg_proc WHERE proname = 'refuse'") == [(0,)]
    run(url, "DELETE FROM plain")


def test_a_refusal_leaves_word_in_the_log_although_it_is_rolled_back(
    url: str, keeper: Connection
) -> None:
    keeper.execute("SELECT pg_create_logical_replication_slot('g', 'pgoutput', true)")
    guard.close(keeper, TABLES, GUARD, within=10)
    with pytest.raises(psycopg.Error):
        run(url + "?application_name=old%20app", "INSERT INTO plain VALUES (9, 'secret')")
    guard.reopen(keeper, TABLES, within=10)
    run(url, "SELECT pg_logical_emit_message(true, 'end', '')")
    rows = keeper.execute(
        """SELECT data FROM pg_logical_slot_peek_binary_changes('g', NULL, NULL,
               'proto_version', '1', 'publication_names', 'none', 'messages', 'true')"""
    ).fetchall()
    (message,) = [bytes(data) for (data,) in rows if guard.REFUSED.encode() in bytes(data)]
    assert b"secret" not in message
    refused = guard.refused(message[message.index(b"{") :])
    assert refused is not None
    assert (refused.name, refused.operation, refused.user, refused.application) == (
        PLAIN, "INSERT", "postgres", "old app",
    )  # fmt: skip
    assert (refused.slice, refused.address) == (GUARD.slice, "127.0.0.1")


@pytest.mark.parametrize("nonsense", [b"", b"{}", b"\xff", b'{"at": "yesterday"}', b"[1]"])
def test_nonsense_in_the_log_is_no_refusal(nonsense: bytes) -> None:
    assert guard.refused(nonsense) is None


def test_a_writer_without_any_right_here_meets_this_error_and_no_other(
    url: str, keeper: Connection
) -> None:
    run(url, "CREATE ROLE app_guarded LOGIN; GRANT ALL ON plain TO app_guarded")
    try:
        run(
            url,
            "REVOKE ALL ON FUNCTION pg_logical_emit_message(bool, text, text, bool) FROM PUBLIC",
        )
        guard.close(keeper, TABLES, GUARD, within=10)
        with pytest.raises(psycopg.Error) as refused:
            run(url.replace("postgres@", "app_guarded@"), "DELETE FROM plain")
        assert refused.value.sqlstate == guard.STATE
    finally:
        run(url, "DROP OWNED BY app_guarded; DROP ROLE app_guarded")


def test_what_is_no_table_cannot_be_guarded(url: str, keeper: Connection) -> None:
    with pytest.raises(StreamError, match=r"public\.none"):
        guard.close(keeper, [Name("public", "none")], GUARD, within=1)


def test_autovacuum_does_not_keep_tables_from_being_closed() -> None:
    slow = {
        "autovacuum_naptime": "1s",
        "autovacuum_vacuum_threshold": "1",
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_cost_delay": "100ms",
        "autovacuum_vacuum_cost_limit": "1",
        "deadlock_timeout": "1h",  # so that it does not give way by itself
    }
    with server(settings=slow) as one:
        run(one.url, "CREATE TABLE big (id int PRIMARY KEY, v text)")
        run(one.url, "INSERT INTO big SELECT g, repeat('x', 900) FROM generate_series(1, 9000) g")
        run(one.url, "DELETE FROM big WHERE id % 2 = 0")
        deadline = time.monotonic() + 120
        while not fetch(one.url, _VACUUMED):
            assert time.monotonic() < deadline, "autovacuum does not come"
            time.sleep(0.05)
        with psycopg.connect(one.url, autocommit=True) as session:
            guard.close(session, [Name("public", "big")], Guard("s", "elsewhere", ""), within=10)
        assert not fetch(one.url, _VACUUMED)


_VACUUMED = """
SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE backend_type = 'autovacuum worker' AND relation = to_regclass('public.big') AND granted
"""
