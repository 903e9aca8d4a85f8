"""What happens to a stream itself: orders, altered tables, lost sessions, two directions at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise

import psycopg
import pytest

from matapalo.errors import SlotLost
from matapalo.stream import progress
from matapalo.stream.database import connect
from matapalo.stream.follow import Phase
from matapalo.stream.names import Direction
from matapalo.stream.pgoutput import Decoder, Kind
from matapalo.stream.wire.status import seconds
from tests.stream import log, versions
from tests.stream.following import Pair, following, pair
from tests.stream.servers import fetch, run, server

ITEMS = "CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL DEFAULT 0)"


def count(url: str) -> int:
    return int(str(fetch(url, "SELECT count(*) FROM item")[0][0]))


@contextmanager
def role(both: Pair, *tables: str) -> Iterator[Pair]:
    """Give a pair as a role sees it that owns its tables, and may do little else."""
    role = both.name.replace("-", "_")
    owned = "; ".join(f"ALTER TABLE {table} OWNER TO {role}" for table in tables)
    both.both(f"""DO $$ BEGIN CREATE ROLE {role} LOGIN REPLICATION;
        EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        CREATE SCHEMA IF NOT EXISTS matapalo; ALTER SCHEMA matapalo OWNER TO {role};
        {owned}""")  # fmt: skip
    for end in (both.source, both.target):
        run(end, f"GRANT CREATE ON DATABASE {end.rsplit('/', 1)[1]} TO {role}")
    yield replace(
        both,
        source=both.source.replace("postgres@", f"{role}@"),
        target=both.target.replace("postgres@", f"{role}@"),
    )
    for end in (both.source, both.target):
        run(end, f"DROP OWNED BY {role} CASCADE")
    run(both.source, f"DROP ROLE {role}")


def test_a_held_stream_stands_before_a_position_and_goes_on(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both) as stream:
            run(both.source, "INSERT INTO item VALUES (1)")
            stream.catch_up()
            stream.orders.hold()
            stream.until_phase(Phase.HELD)
            run(both.source, "INSERT INTO item VALUES (2)")
            at = fetch(both.source, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")[0][0]
            assert isinstance(at, int)
            run(both.source, "INSERT INTO item VALUES (3)")
            stream.orders.hold(at)
            stream.until(lambda: stream.state.limit == at)
            assert fetch(both.target, "SELECT id FROM item ORDER BY 1") == [(1,), (2,)]
            stream.orders.go_on()
            stream.catch_up()
            assert count(both.target) == 3
            end = fetch(both.source, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")[0][0]
            assert isinstance(end, int)
            stream.orders.stop_at(end)
            run(both.source, "INSERT INTO item VALUES (4)")
            stream.until(lambda: stream.states and stream.state.phase is Phase.STOPPED)
            assert count(both.target) == 3


@pytest.mark.parametrize("major", versions.found())
def test_both_directions_at_once_make_no_loop(servers: versions.Servers, major: int) -> None:
    with pair(servers[major].url, ["item"], ITEMS) as both:
        for direction in Direction:
            both.begin(direction)
        with following(both) as there, following(both, Direction.REVERSE) as back:
            for turn in range(5):
                run(
                    both.source,
                    f"INSERT INTO item SELECT i, 'a', 0 FROM generate_series({turn * 20}, {turn * 20 + 9}) i",
                )
                run(
                    both.target,
                    f"INSERT INTO item SELECT i, 'b', 0 FROM generate_series({turn * 20 + 10}, {turn * 20 + 19}) i",
                )
                run(both.source, "UPDATE item SET n = n + 1 WHERE name = 'a'")
                there.catch_up()
                run(both.target, "UPDATE item SET n = n + 1")
                back.catch_up()
            there.catch_up()
            old, new = both.rows("item")
            assert old == new
            assert len(old) == 100
            assert there.ended.rows == 50 + 10 + 20 + 30 + 40 + 50
            assert back.ended.rows == 50 + 20 + 40 + 60 + 80 + 100
            assert there.ended.conflicts == back.ended.conflicts == 0


def test_what_a_stream_commits_is_logged_with_the_time_of_its_own_commit(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        for direction in Direction:
            both.begin(direction)
        with following(both) as there:
            moments = []
            for number in range(3):
                moments.append(time.time())
                run(both.source, f"INSERT INTO item VALUES ({number})")
                there.catch_up()
            moments.append(time.time())
        slot = both.stream(Direction.REVERSE).on_server
        logged = fetch(
            both.target,
            "SELECT data FROM pg_logical_slot_peek_binary_changes("
            f"'{slot}', NULL, NULL, 'proto_version', '1', 'publication_names', '{slot}')",
        )
        decoder = Decoder(slot)
        decoder.feed(log.data(data) for (data,) in logged if isinstance(data, bytes))
        batch = decoder.take()
        assert batch
        inserts = [change[0] for change in batch.changes].count(Kind.INSERT)
        assert inserts == 3
        for number, (begun, ended) in enumerate(pairwise(moments), 1):
            commit = next(commit for commit in batch.commits if commit.upto >= number)
            assert begun <= seconds(commit.at) <= ended


def test_what_another_program_copies_into_the_source_comes_along(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both) as stream, psycopg.connect(both.source, autocommit=True) as other:
            other.execute("SELECT pg_replication_origin_create('other_' || current_database())")
            other.execute(
                "SELECT pg_replication_origin_session_setup('other_' || current_database())"
            )
            other.execute("INSERT INTO item VALUES (1, 'from elsewhere')")
            stream.catch_up()
            assert both.rows("item")[1] == [(1, "from elsewhere", 0)]
            other.execute("SELECT pg_replication_origin_session_reset()")
            other.execute("SELECT pg_replication_origin_drop('other_' || current_database())")


def test_a_role_that_may_not_set_an_origin_makes_no_loop_either(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both, role(both, "item") as mine:
        for direction in Direction:
            mine.begin(direction)
        with following(mine) as there, following(mine, Direction.REVERSE) as back:
            run(both.source, "INSERT INTO item SELECT i FROM generate_series(1, 500) i")
            there.catch_up()
            run(both.target, "UPDATE item SET n = n + 1")
            back.catch_up()
            there.catch_up()
            old, new = both.rows("item")
            assert old == new
            assert {row[2] for row in old} == {1}
            assert there.ended.rows == back.ended.rows == 500


def test_a_server_that_has_no_origin_left_makes_no_loop_either() -> None:
    limit = {"max_active_replication_origins": "1"}
    with server(settings=limit) as one, psycopg.connect(one.url, autocommit=True) as other:
        other.execute("SELECT pg_replication_origin_create('other')")
        other.execute("SELECT pg_replication_origin_session_setup('other')")
        with pair(one.url, ["item"], ITEMS) as both:
            for direction in Direction:
                both.begin(direction)
            with following(both) as there, following(both, Direction.REVERSE) as back:
                run(both.source, "INSERT INTO item SELECT i FROM generate_series(1, 500) i")
                there.catch_up()
                run(both.target, "UPDATE item SET n = n + 1")
                back.catch_up()
                there.catch_up()
                assert both.rows("item")[0] == both.rows("item")[1]
                assert there.ended.rows == back.ended.rows == 500


def test_a_huge_transaction_goes_in_pieces_and_is_there_at_once(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both, task=replace(both.task(), batch=1000)) as stream:
            run(both.source, """BEGIN; INSERT INTO item SELECT i, 'n' FROM generate_series(1, 20000) i;
                UPDATE item SET n = id; DELETE FROM item WHERE id % 2 = 0;
                UPDATE item SET id = id + 100000 WHERE id % 5 = 0; COMMIT""")  # fmt: skip
            seen: list[int] = []

            def arrived() -> bool:
                seen.append(count(both.target))
                return seen[-1] > 0

            stream.until(arrived)
            assert set(seen) <= {0, 10000}
            stream.catch_up()
            old, new = both.rows("item")
            assert old == new
            assert stream.ended.transactions == 2
            assert stream.ended.conflicts == 0


def test_a_conflict_within_a_huge_transaction_leaves_its_other_pieces_alone(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        run(both.target, "INSERT INTO item VALUES (7777, 'mine')")
        with following(both, task=replace(both.task(), batch=1000)) as stream:
            run(both.source, "INSERT INTO item SELECT i, 'n' FROM generate_series(1, 20000) i")
            stream.catch_up()
            old, new = both.rows("item")
            assert old == new
            assert stream.ended.conflicts == 1


def test_an_altered_table_is_waited_for_until_its_rows_fit(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both) as stream:
            run(both.source, """BEGIN; INSERT INTO item VALUES (1, 'before'); COMMIT;
                BEGIN; INSERT INTO item VALUES (2, 'same transaction');
                ALTER TABLE item ADD COLUMN color text; INSERT INTO item VALUES (3, 'x', 0, 'red'); COMMIT;
                UPDATE item SET color = 'blue' WHERE id = 1""")  # fmt: skip
            stream.until_phase(Phase.WAITING)
            assert "color" in stream.state.trouble
            assert "public.item" in stream.state.trouble
            assert fetch(both.target, "SELECT id FROM item") == [(1,)]
            run(both.target, "ALTER TABLE item ADD COLUMN color text")
            stream.catch_up()
            assert both.rows("item")[0] == both.rows("item")[1]
            run(
                both.source,
                "ALTER TABLE item DROP COLUMN name; INSERT INTO item VALUES (4, 4, 'green')",
            )
            stream.catch_up()
            assert fetch(both.target, "SELECT name, color FROM item WHERE id = 4") == [
                (None, "green")
            ]
            run(both.source, "ALTER TABLE item ALTER n TYPE bigint; UPDATE item SET n = 5000000000")
            stream.until_phase(Phase.WAITING)
            run(both.target, "ALTER TABLE item ALTER n TYPE bigint")
            stream.catch_up()
            assert fetch(both.target, "SELECT DISTINCT n FROM item") == [(5000000000,)]


def test_a_row_that_the_target_refuses_is_waited_for_and_its_values_are_not_told(
    postgres: str,
) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        run(both.target, "ALTER TABLE item ADD CONSTRAINT short CHECK (length(name) < 9)")
        both.begin()
        with following(both) as stream:
            run(both.source, "INSERT INTO item VALUES (1, 'top secret value')")
            stream.until_phase(Phase.WAITING)
            assert "short" in stream.state.trouble
            assert "secret" not in stream.state.trouble
            run(both.target, "ALTER TABLE item DROP CONSTRAINT short")
            stream.catch_up()
            assert count(both.target) == 1


def test_nothing_is_applied_behind_what_could_not_be(postgres: str) -> None:
    script = ITEMS + "; CREATE TABLE wide (id int PRIMARY KEY, filling text)"
    with pair(postgres, ["item", "wide"], script) as both, role(both, "item", "wide") as mine:
        run(
            both.target,
            """CREATE FUNCTION noisy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER noisy AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION noisy()""",
        )
        mine.begin()
        with (
            psycopg.connect(both.target) as blocking,
            following(mine, task=replace(mine.task(), batch=50)) as stream,
        ):
            stream.until_phase(Phase.FOLLOWING)
            blocking.execute("LOCK TABLE pg_trigger")
            # The second thing that the worker is given has only rows that the target would take.
            run(both.source, "INSERT INTO item SELECT i FROM generate_series(1, 50) i")
            for number in range(200):
                run(both.source, f"INSERT INTO wide VALUES ({number}, repeat('x', 1900))")
                if number == 90:
                    row = fetch(both.source, "SELECT (pg_current_wal_lsn() - '0/0')::bigint")[0]
            stream.until(lambda: stream.state.received >= int(str(row[0])))
            blocking.rollback()
            stream.until_phase(Phase.WAITING)
            assert "would fire" in stream.state.trouble
            assert fetch(both.target, "SELECT count(*) FROM wide") == [(0,)]
            run(both.target, "DROP TRIGGER noisy ON item")
            stream.catch_up()
            assert count(both.target) == 50
            assert fetch(both.target, "SELECT count(*) FROM wide") == [(200,)]


def test_a_unique_value_that_another_row_has_blocks_only_that_row(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        run(both.target, "CREATE UNIQUE INDEX ON item (name) WHERE name IS NOT NULL")
        run(both.target, "INSERT INTO item VALUES (-1, 'n500')")
        both.begin()
        with following(both) as stream:
            run(both.source, "INSERT INTO item SELECT i, 'n' || i FROM generate_series(1, 1000) i")
            stream.catch_up()
            assert stream.ended.conflicts == 1
        assert count(both.target) == 1000
        kept = fetch(both.target, "SELECT kind, outcome, key ->> 'id' FROM matapalo.conflict")
        assert kept == [("blocked", "left out", "500")]


def test_servers_that_crash_lose_nothing_and_double_nothing() -> None:
    with server() as one, server() as other:  # noqa: SIM117 - the pair needs the first server
        with pair(one.url, ["item"], ITEMS) as both:
            name = both.target.rsplit("/", 1)[1]
            run(other.url, f"CREATE DATABASE {name}")
            both.target = other.of(name)
            run(both.target, ITEMS)
            both.begin()
            with following(both) as stream:
                for turn in range(4):
                    run(
                        both.source,
                        f"INSERT INTO item SELECT i FROM generate_series({turn * 1000}, {turn * 1000 + 999}) i",
                    )
                    run(both.source, "UPDATE item SET n = n + 1")
                    ends = (one, other) if turn % 2 else (other, one)
                    for end in ends:
                        end.crash()
                        end.start()
                    stream.catch_up()
                old, new = both.rows("item")
                assert old == new
                assert len(old) == 4000
                assert stream.ended.conflicts == 0


def test_sessions_that_are_cut_anywhere_lose_nothing_and_double_nothing(postgres: str) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'"
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both) as stream:
            for turn in range(10):
                run(
                    both.source,
                    f"INSERT INTO item SELECT i FROM generate_series({turn * 1000}, {turn * 1000 + 999}) i",
                )
                run(both.source, "UPDATE item SET n = n + 1")
                run(both.source, cut.format(both.stream().on_server))
            stream.catch_up()
            old, new = both.rows("item")
            assert old == new
            assert stream.ended.conflicts == 0
            assert any(state.phase is Phase.RETRYING for state in stream.states)


def test_two_processes_cannot_follow_the_same_stream(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both) as one, following(both) as other:
            two = (one, other)
            one.until(lambda: any(s.states and s.state.phase is Phase.RETRYING for s in two))
            run(both.source, "INSERT INTO item SELECT i FROM generate_series(1, 100) i")
            one.catch_up()
            assert count(both.target) == 100
            assert sorted(s.ended.rows for s in two) == [0, 100]


def test_a_lost_slot_is_said_and_ends_the_stream(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        both.drop()
        with pytest.raises(SlotLost, match="no slot"), following(both) as stream:
            stream.until(lambda: False)


def test_a_fence_is_passed_when_all_before_it_is_there(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with (
            following(both) as stream,
            connect(both.source) as source,
            connect(both.target) as target,
        ):
            for turn in range(20):
                source.execute(
                    "INSERT INTO public.item SELECT i + %s * 1000 FROM generate_series(1, 100) i",
                    [turn],
                )
                progress.put_fence(source, f"f{turn}")
                fence = f"f{turn}"
                stream.until(partial(progress.passed, target, both.stream(), fence))
                assert count(both.target) == (turn + 1) * 100
