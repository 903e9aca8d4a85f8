"""Who writes is told: by looking, and without a gap by watching."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from matapalo.stream.database import Connection, connect
from matapalo.stream.shape import Name
from matapalo.stream.writers import look, watch
from tests.stream.servers import database, fetch, run

T = Name("public", "t")
PARTED = Name("public", "parted")


@pytest.fixture
def url(postgres: str) -> str:
    url = database(postgres)
    run(url, "CREATE TABLE t (id int); CREATE TABLE parted (id int) PARTITION BY RANGE (id)")
    run(url, "CREATE TABLE parted_0 PARTITION OF parted DEFAULT")
    return url


@pytest.fixture
def seer(url: str) -> Iterator[Connection]:
    with connect(url) as connection:
        yield connection


def test_looking_finds_an_application_that_holds_a_lock(url: str, seer: Connection) -> None:
    with psycopg.connect(url, application_name="slow report") as writer:
        writer.execute("INSERT INTO parted VALUES (1)")
        found = look(seer, [T, PARTED], 0.2)
        writer.rollback()
    assert {(one.application, one.table, one.user) for one in found} == {
        ("slow report", "public.parted", "postgres"),
        ("slow report", "public.parted_0", "postgres"),
    }
    assert all(one.seen > 1 for one in found)


def test_watching_misses_no_writer_however_short_and_leaves_nothing(
    url: str, seer: Connection
) -> None:
    pooled = psycopg.connect(url, autocommit=True, application_name="pooled")
    for _ in range(2):  # the second watch sees sessions that the first has seen
        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch, seer, [T, PARTED], 3.0)
            _wait_for_triggers(url)
            for application in ("one", "two"):
                with psycopg.connect(url, autocommit=True, application_name=application) as writer:
                    writer.execute("INSERT INTO t VALUES (1)")
                    writer.execute("UPDATE t SET id = 2")
            with pooled.cursor().copy("COPY parted FROM STDIN") as copy:
                copy.write("1\n")
            found = watching.result()
        assert [(one.application, one.table, one.seen) for one in found] == [
            ("one", "public.t", 1),
            ("pooled", "public.parted", 1),
            ("two", "public.t", 1),
        ]
    pooled.close()
    assert fetch(url, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == [(0,)]
    assert fetch(url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'matapalo'") == [(0,)]


def test_a_watched_writer_needs_no_rights_here(url: str, seer: Connection) -> None:
    run(url, "CREATE ROLE watched_app LOGIN; GRANT INSERT ON t TO watched_app")
    try:
        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch, seer, [T], 1.5)
            _wait_for_triggers(url)
            run(url.replace("postgres@", "watched_app@"), "INSERT INTO t VALUES (1)")
            (found,) = watching.result()
        assert found.user == "watched_app"
    finally:
        run(url, "DROP OWNED BY watched_app; DROP ROLE watched_app")


def test_writers_who_watch_each_other_do_not_wait(url: str, seer: Connection) -> None:
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch, seer, [T], 2.0)
        _wait_for_triggers(url)
        with psycopg.connect(url) as one, psycopg.connect(url) as other:
            for writer in (one, other):
                writer.execute("SET lock_timeout = '1s'")
                writer.execute("INSERT INTO t VALUES (1)")
            one.commit()
            other.rollback()
        assert sum(found.seen for found in watching.result()) == 1


def _wait_for_triggers(url: str) -> None:
    deadline = time.monotonic() + 30
    while not fetch(url, "SELECT FROM pg_trigger WHERE tgname = 'matapalo_watch'"):
        assert time.monotonic() < deadline
