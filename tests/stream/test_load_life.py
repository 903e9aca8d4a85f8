"""What a load survives, and that writers meanwhile lose nothing by it."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
import pytest

from matapalo.blueprint import Table
from matapalo.errors import LoadFailed, StreamBusy
from matapalo.stream.database import connect
from matapalo.stream.job import Job
from matapalo.stream.load import Book, Copied, Doing, Event, Progress, Record, Trouble, load
from tests.stream.following import Pair, following
from tests.stream.loading import SMALL, Place, ended, halted_at, place, waiting
from tests.stream.servers import Server, fetch, run, server
from tests.support import eventually

ACCOUNTS = """
CREATE TABLE account (id bigint PRIMARY KEY, mail text UNIQUE, amount bigint NOT NULL, note text);
INSERT INTO account SELECT i, 'm' || i, 1000, repeat('x', 100) FROM generate_series(1, 4000) AS i;
ANALYZE account
"""

TWINS = """
CREATE TABLE twin (id int PRIMARY KEY, a text, b text, UNIQUE (a));
INSERT INTO twin VALUES (1, 'A ', ''), (2, 'A', '')
"""


@pytest.fixture
def here(postgres: str) -> Iterator[Place]:
    with place(postgres) as two:
        run(two.source, ACCOUNTS)
        two.tables = (Table(name="account"),)
        yield two


@contextmanager
def written_to(url: str) -> Iterator[None]:
    """Write to the accounts all the time: amounts move, mails change hands, rows come and go."""
    over = threading.Event()
    trouble: list[Exception] = []

    def write(number: int) -> None:
        chance = random.Random(number)
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                while not over.is_set():
                    # A mail or a key that is in use is the writer's own trouble.
                    with suppress(psycopg.errors.UniqueViolation):
                        _change(connection, chance, number)
        except psycopg.OperationalError as error:
            trouble.append(error)

    writers = [threading.Thread(target=write, args=[number]) for number in (1, 2)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert not trouble


def _change(
    connection: psycopg.Connection[tuple[object, ...]], chance: random.Random, n: int
) -> None:
    a, b = sorted(chance.sample(range(1, 4000), 2))
    with connection.transaction():
        # Both writers take their locks in the same order.
        connection.execute(
            "SELECT FROM account WHERE id IN (%s, %s) ORDER BY id FOR UPDATE", [a, b]
        )
        match chance.randrange(4):
            case 0:
                connection.execute("UPDATE account SET amount = amount - 1 WHERE id = %s", [a])
                connection.execute("UPDATE account SET amount = amount + 1 WHERE id = %s", [b])
            case 1:
                connection.execute("UPDATE account SET mail = NULL WHERE id = %s", [a])
                connection.execute("UPDATE account SET mail = %s WHERE id = %s", [f"w{n}-{a}", b])
            case 2:
                connection.execute("DELETE FROM account WHERE id = %s", [a])
                connection.execute("INSERT INTO account VALUES (%s, NULL, 5, 'again')", [a])
            case _:
                new = 5000 + n * 1_000_000 + chance.randrange(100_000)
                connection.execute("UPDATE account SET id = %s WHERE id = %s", [new, a])


def record(here: Place) -> Record:
    with connect(here.target) as target:
        found = Book(target, here.stream).record()
    assert found
    return found


def settle(here: Place) -> None:
    """Follow the stream until it has all that was written: nothing is lost and nothing clashes."""
    assert record(here).ended
    job = Job(here.stream, here.source, here.target, here.tables)
    both = Pair(here.source, here.target, here.tables)
    with following(both, task=job.task()) as stream:
        stream.catch_up()
    assert not here.differing()
    assert not fetch(here.target, "SELECT FROM matapalo.conflict")
    assert fetch(here.target, "SELECT FROM pg_constraint WHERE conname = 'account_mail_key'")


@contextmanager
def loading_process(here: Place) -> Iterator["subprocess.Popen[str]"]:
    told = {
        "stream": here.stream.name,
        "source": here.source,
        "target": here.target,
        "tables": [table.model_dump(mode="json") for table in here.tables],
        "jobs": 2,
        "piece": SMALL.piece,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stream.load_process", json.dumps(told)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_a_load_under_writes_ends_with_the_same_rows_on_both_sides(here: Place) -> None:
    with written_to(here.source):
        ended(here.again(sizes=SMALL))
    settle(here)


async def test_a_load_that_was_killed_goes_on_range_by_range(here: Place) -> None:
    with written_to(here.source):
        # How many ranges there are follows from a sample: of few pages it may be small.
        with halted_at(here.target, 3), loading_process(here) as process:
            await eventually(lambda: waiting(here.target), within=90)
            process.kill()
            process.wait()
        done = "SELECT number FROM matapalo.load_range WHERE rows IS NOT NULL ORDER BY number"
        before = [row[0] for row in fetch(here.target, done)]
        assert before
        assert 3 not in before
        first = record(here)
        events = await eventually_loaded(here)
    assert ended(events).slot > (first.slot or 0)
    assert ranges(events) == len(fetch(here.target, "SELECT FROM matapalo.load_range")) - len(
        before
    )
    last = next(event for event in reversed(events) if isinstance(event, Progress))
    assert last.ranges == last.of
    settle(here)


async def eventually_loaded(here: Place) -> list[Event]:
    """Load again; the server needs a moment to notice that the process before is gone."""

    def attempt() -> list[Event] | None:
        try:
            return here.again(sizes=SMALL)
        except StreamBusy:
            return None

    found = await eventually(attempt)
    assert found
    return found


def ranges(events: Sequence[Event]) -> int:
    """Return how many ranges were copied."""
    told = [event.what.split() for event in events if isinstance(event, Doing)]
    return sum(int(words[1]) for words in told if words[0] == "copying")


async def test_a_load_that_is_stopped_says_nothing_of_an_end(here: Place) -> None:
    order = here.order(sizes=SMALL, jobs=1)
    told = []
    with halted_at(here.target, 5):
        for event in load(order):
            told.append(event)
            if waiting(here.target):
                order.stop.set()
                break
    assert not any(isinstance(event, Copied) for event in told)


@pytest.mark.parametrize("whose", ["source", "target"])
def test_sessions_that_are_cut_are_opened_anew(here: Place, whose: str) -> None:
    with halted_at(here.target, 7) as go_on:

        def cut() -> None:
            while not waiting(here.target):
                pass
            run(
                here.source if whose == "source" else here.target,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'matapalo load%'",
            )
            go_on()

        thread = threading.Thread(target=cut)
        thread.start()
        events = list(load(here.order(sizes=SMALL)))
        thread.join()
    assert any(isinstance(event, Trouble) for event in events)
    ended(events)
    settle(here)


def test_no_timeout_of_a_database_ends_a_load(here: Place) -> None:
    for name in (
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "idle_session_timeout",
        "transaction_timeout",
    ):
        for url in (here.source, here.target):
            run(url, f"ALTER DATABASE {url.rpartition('/')[2]} SET {name} = '100ms'")
    with halted_at(here.target, 7) as go_on:
        # Only time can show that time does not matter: ten times what the databases grant.
        timer = threading.Timer(1, go_on)
        timer.start()
        events = list(load(here.order(sizes=SMALL)))
        timer.join()
    ended(events)
    assert not any(isinstance(event, Trouble) for event in events)
    assert not here.differing()


@pytest.fixture
def two_servers() -> Iterator[tuple[Server, Server]]:
    with server() as source, server() as target:
        yield source, target


@pytest.mark.parametrize("whose", [0, 1])
def test_a_server_that_crashes_is_waited_for(
    two_servers: tuple[Server, Server], whose: int
) -> None:
    here = Place(two_servers[0].url, two_servers[1].url, (Table(name="account"),))
    run(here.source, ACCOUNTS)
    crashed = False
    for event in load(here.order(sizes=SMALL)):
        if isinstance(event, Progress) and not crashed:
            crashed = True
            two_servers[whose].crash()
            two_servers[whose].start()
    assert crashed
    settle(here)


def test_a_load_needs_no_slot_of_an_earlier_attempt(here: Place) -> None:
    halfway(here)
    with connect(here.source) as source:
        source.execute("SELECT pg_drop_replication_slot(%s)", [here.stream.on_server])
    run(here.source, "DELETE FROM account WHERE id < 100; UPDATE account SET id = 9 WHERE id = 100")
    run(here.source, "UPDATE account SET note = 'new' WHERE id = 9")
    ended(here.again(sizes=SMALL))
    assert not here.differing()
    settle(here)


def test_a_slot_that_is_lost_after_the_copying_means_to_start_over(here: Place) -> None:
    here.tables = (Table(name="account"), Table(name="twin", cast={"a": "char(4)"}))
    run(here.source, TWINS)
    with pytest.raises(LoadFailed, match="make the index twin_a_key"):
        here.again(sizes=SMALL)
    with connect(here.source) as source:
        source.execute("SELECT pg_drop_replication_slot(%s)", [here.stream.on_server])
    run(here.source, "DELETE FROM account WHERE id < 100; DELETE FROM twin WHERE id = 2")
    events = here.again(sizes=SMALL)
    assert any("starting over: the source has lost the slot" in str(event) for event in events)
    ended(events)
    # The cast pads the other table's values.
    assert here.differing() == ["public.twin"]


@pytest.mark.parametrize(
    "disturbance",
    [
        "ALTER TABLE account ALTER note TYPE varchar(200) USING note || 'x'",
        "TRUNCATE account; INSERT INTO account SELECT i, 'again' || i FROM generate_series(1, 50) i",
    ],
)
def test_a_table_that_is_rewritten_under_the_snapshot_is_copied_from_another(
    here: Place, disturbance: str
) -> None:
    run(here.source, "ALTER TABLE account ALTER amount SET DEFAULT 7")
    run(
        here.target,
        f"{ACCOUNTS.split(';', maxsplit=1)[0]}; ALTER TABLE account ALTER note TYPE varchar(200)",
    )
    run(here.target, "ALTER TABLE account DROP CONSTRAINT account_mail_key")
    with halted_at(here.target, 7) as go_on:
        events = load(here.order(sizes=SMALL, jobs=1))
        told = list(until_waiting(here, events))
        run(here.source, disturbance)
        go_on()
        told += events
    assert any(isinstance(e, Trouble) and "emptied or rewritten" in e.what for e in told)
    assert ended(told)
    assert not here.differing()


def test_what_is_rewritten_while_it_is_mended_is_copied_anew(here: Place) -> None:
    halfway(here)
    for event in (events := load(here.order(sizes=SMALL))):
        if "comparing" in str(event):
            run(here.source, "TRUNCATE account; INSERT INTO account VALUES (1, 'one', 1, 'alone')")
    assert ended([event, *events])
    assert not here.differing()
    assert fetch(here.target, "SELECT id FROM account") == [(1,)]


def test_no_lock_of_a_load_outlives_a_range(here: Place) -> None:
    run(
        here.source,
        "CREATE TABLE other AS SELECT * FROM account; ALTER TABLE other ADD PRIMARY KEY (id)",
    )
    here.tables = (*here.tables, Table(name="other"))
    with halted_at(here.target, 7):
        events = load(here.order(sizes=SMALL, jobs=1))
        list(until_waiting(here, events))
        held = """SELECT FROM pg_locks WHERE relation IN ('account'::regclass, 'other'::regclass)
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        assert not fetch(here.source, held)
        events.close()  # type: ignore[attr-defined]  # a generator


def until_waiting(here: Place, events: Iterator[Event]) -> Iterator[Event]:
    """Give what a load tells until it stands still where it was told to."""
    for event in events:
        yield event
        if waiting(here.target):
            return


def halfway(here: Place) -> None:
    """Have a load that ended when some of its ranges were loaded."""
    with halted_at(here.target, 7):
        events = load(here.order(sizes=SMALL, jobs=1))
        list(until_waiting(here, events))
        events.close()  # type: ignore[attr-defined]  # a generator


def test_rows_of_two_moments_do_not_go_into_a_table_with_unique_indexes(here: Place) -> None:
    run(
        here.target,
        "CREATE TABLE account (id bigint PRIMARY KEY, mail text UNIQUE, amount bigint, note text)",
    )
    halfway(here)
    events = here.again(sizes=SMALL)
    assert any("starting over: public.account has unique indexes" in str(e) for e in events)
    assert ended(events)
    assert not here.differing()


def test_an_index_that_the_rows_do_not_allow_is_told_and_can_be_mended(here: Place) -> None:
    run(here.source, "CREATE UNIQUE INDEX odd ON account ((id % 2000))WHERE id < 2000")
    run(here.target, "CREATE SCHEMA matapalo")
    table = Table(name="account", where="id < 2000 or id > 3000")
    here.tables = (table,)
    ended(here.again())
    assert fetch(here.target, "SELECT FROM pg_indexes WHERE indexname = 'odd'")


def test_two_rows_that_cannot_stand_together_end_the_load_before_its_end(here: Place) -> None:
    run(here.source, TWINS)
    table = Table(name="twin", cast={"a": "char(4)"})
    with pytest.raises(LoadFailed, match="make the index twin_a_key") as told:
        here.load(table)
    assert "'A'" not in str(told.value)
    run(here.target, "DELETE FROM twin WHERE id = 2")
    ended(here.again())
