"""A stream from one database to another, with everything that happens to rows."""

from tests.stream.following import following, pair
from tests.stream.servers import fetch, run

ITEMS = "CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL DEFAULT 0)"


def test_rows_that_come_change_and_go_do_so_on_the_target(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.begin()
        with following(both) as stream:
            run(both.source, "INSERT INTO item SELECT i, 'n' || i FROM generate_series(1, 1000) i")
            run(both.source, "UPDATE item SET n = n + id WHERE id % 3 = 0")
            run(both.source, "DELETE FROM item WHERE id % 7 = 0")
            run(both.source, "UPDATE item SET id = id + 10000 WHERE id % 5 = 0")
            stream.catch_up()
            there, here = both.rows("item")
            assert there == here
            assert len(here) == 858
            assert stream.ended.conflicts == 0


def test_a_key_that_one_row_leaves_and_another_takes(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.both("INSERT INTO item SELECT i, 'n' || i FROM generate_series(1, 10) i")
        both.begin()
        with following(both) as stream:
            run(
                both.source,
                """BEGIN;
                UPDATE item SET id = 100 WHERE id = 3; UPDATE item SET id = 3 WHERE id = 2;
                UPDATE item SET id = 2 WHERE id = 1; DELETE FROM item WHERE id = 2;
                INSERT INTO item VALUES (2, 'new'), (1, 'newer'); UPDATE item SET n = 5;
                UPDATE item SET id = -id; UPDATE item SET id = -id WHERE id < -5;
                COMMIT""",
            )
            stream.catch_up()
            there, here = both.rows("item")
            assert there == here
            assert stream.ended.conflicts == 0


def test_unique_values_that_change_hands_within_one_transaction(postgres: str) -> None:
    script = "CREATE TABLE seat (id int PRIMARY KEY, place int UNIQUE DEFERRABLE, note text)"
    with pair(postgres, ["seat"], script) as both:
        run(both.target, "ALTER TABLE seat DROP CONSTRAINT seat_place_key, ADD UNIQUE (place)")
        both.both("INSERT INTO seat SELECT i, i, repeat('x', i) FROM generate_series(1, 500) i")
        both.begin()
        with following(both) as stream:
            run(both.source, "BEGIN; SET CONSTRAINTS ALL DEFERRED;"
                " UPDATE seat SET place = 501 - place; COMMIT")  # fmt: skip
            stream.catch_up()
            there, here = both.rows("seat")
            assert there == here
            applied = stream.ended
            assert applied.conflicts == 0
            assert applied.careful == 1


LARGE = "(SELECT string_agg(md5(i::text || random()::text), '') FROM generate_series(1, 500) i)"


def test_large_values_that_did_not_change_stay(postgres: str) -> None:
    script = "CREATE TABLE doc (id int PRIMARY KEY, n int, body text, other text)"
    with pair(postgres, ["doc"], script) as both:
        both.begin()
        with following(both) as stream:
            run(
                both.source,
                f"INSERT INTO doc SELECT i, 0, {LARGE}, {LARGE} FROM generate_series(1, 20) i",
            )
            stream.catch_up()
            run(both.source, "UPDATE doc SET n = n + 1")
            run(both.source, f"UPDATE doc SET body = {LARGE} WHERE id < 5")
            run(
                both.source, "UPDATE doc SET n = n + 1; UPDATE doc SET other = 'short' WHERE id < 9"
            )
            # The key changes, and the log leaves out what moves along.
            run(
                both.source,
                "BEGIN; UPDATE doc SET id = id + 1000; UPDATE doc SET n = 7 WHERE id = 1003; COMMIT",
            )
            run(both.source, "UPDATE doc SET id = 5000 - id")
            run(both.source, "BEGIN; UPDATE doc SET id = -id; UPDATE doc SET id = -id; COMMIT")
            stream.catch_up()
            there, here = both.rows("doc")
            assert there == here
            assert stream.ended.conflicts == 0


def test_truncate_empties_and_what_follows_it_stays(postgres: str) -> None:
    script = ITEMS + "; CREATE TABLE part (id int PRIMARY KEY, item int REFERENCES item)"
    with pair(postgres, ["item", "part"], script) as both:
        both.both(
            "INSERT INTO item SELECT i FROM generate_series(1, 9) i; INSERT INTO part VALUES (1, 1)"
        )
        both.begin()
        with following(both) as stream:
            run(both.source, "BEGIN; INSERT INTO item VALUES (10); TRUNCATE item, part;"
                " INSERT INTO item VALUES (1, 'x'); INSERT INTO part VALUES (4, 1); COMMIT")  # fmt: skip
            stream.catch_up()
            assert both.rows("item") == ([(1, "x", 0)], [(1, "x", 0)])
            assert both.rows("part") == ([(4, 1)], [(4, 1)])
            run(both.source, "TRUNCATE part")
            stream.catch_up()
            assert both.rows("part") == ([], [])


def test_a_row_that_is_not_there_and_one_that_already_is_are_kept_and_shown(postgres: str) -> None:
    with pair(postgres, ["item"], ITEMS) as both:
        both.both("INSERT INTO item SELECT i FROM generate_series(1, 5) i")
        both.begin()
        run(both.target, "DELETE FROM item WHERE id IN (1, 2); INSERT INTO item VALUES (6, 'mine')")
        with following(both) as stream:
            run(both.source, "UPDATE item SET name = 'u' WHERE id IN (1, 3); DELETE FROM item WHERE id = 2;"
                " INSERT INTO item VALUES (6, 'theirs')")  # fmt: skip
            stream.catch_up()
            there, here = both.rows("item")
            assert there == here
            assert stream.ended.conflicts == 3
        kept = fetch(
            both.target,
            "SELECT kind, outcome, key ->> 'id', row ->> 'name' FROM matapalo.conflict ORDER BY 3",
        )
        assert kept == [
            ("missing", "inserted", "1", "u"),
            ("missing", "left out", "2", None),
            ("present", "overwritten", "6", "theirs"),
        ]
