"""Rows that change on their way: renamed, cast, filtered, split and joined, and back again."""

import pytest

from matapalo.blueprint import Table
from matapalo.stream.names import Direction
from tests.stream import versions
from tests.stream.following import Pair, following, pair
from tests.stream.servers import fetch, run


def table(**words: object) -> Table:
    return Table.model_validate(words)


def both_ways(both: Pair) -> None:
    """Begin the stream of each direction."""
    both.begin()
    both.begin(Direction.REVERSE)


def test_renamed_cast_left_out_and_constant(postgres: str) -> None:
    renamed = table(
        name="client",
        to="shop.customer",
        columns={"nm": "name", "n": "number"},
        omit=["secret"],
        cast={"n": "bigint", "code": "text"},
        constant={"origin": "monolith"},
    )
    with pair(postgres, [renamed]) as both:
        run(
            both.source,
            "CREATE TABLE client (id int PRIMARY KEY, nm text, n int, code varchar(9), secret text)",
        )
        run(both.target, """CREATE SCHEMA shop; CREATE TABLE shop.customer (name text, origin text,
            id int PRIMARY KEY, number bigint, code text, extra int DEFAULT 7)""")  # fmt: skip
        both_ways(both)
        with following(both) as stream, following(both, Direction.REVERSE) as back:
            run(both.source, """INSERT INTO client SELECT i, 'n' || i, i, 'c' || i, 's' || i
                FROM generate_series(1, 500) i; UPDATE client SET n = -n WHERE id < 100;
                DELETE FROM client WHERE id > 490""")  # fmt: skip
            stream.catch_up()
            run(both.target, "UPDATE shop.customer SET origin = 'changed', extra = 1 WHERE id = 5")
            back.catch_up()
            run(
                both.source,
                "UPDATE client SET nm = 'again' WHERE id = 5; UPDATE client SET id = 1000 WHERE id = 5",
            )
            stream.catch_up()
            run(both.target, "UPDATE shop.customer SET number = 12 WHERE id = 7;"
                " INSERT INTO shop.customer VALUES ('here', 'new', 2000, 1, NULL)")  # fmt: skip
            back.catch_up()
            stream.catch_up()
            old = fetch(both.source, "SELECT id, nm, n::bigint, code::text FROM client ORDER BY 1")
            new = fetch(both.target, "SELECT id, name, number, code FROM shop.customer ORDER BY 1")
            assert old == new
            assert len(old) == 491
            assert fetch(
                both.target, "SELECT origin, extra FROM shop.customer WHERE id = 1000"
            ) == [("changed", 1)]
            assert fetch(both.source, "SELECT secret FROM client WHERE id = 7") == [("s7",)]
            assert stream.ended.conflicts == back.ended.conflicts == 0


@pytest.mark.parametrize("major", versions.found())
def test_only_rows_for_which_a_condition_holds(servers: versions.Servers, major: int) -> None:
    script = "CREATE TABLE item (id int PRIMARY KEY, kind text, n int)"
    some = table(name="item", where="kind = 'a' AND n > 0")
    with pair(servers[major].url, [some], script) as both:
        both.begin()
        with following(both) as stream:
            run(both.source, """INSERT INTO item
                SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, i FROM generate_series(1, 100) i;
                UPDATE item SET kind = 'a' WHERE id IN (1, 3); UPDATE item SET n = -n WHERE id < 20;
                UPDATE item SET n = 5 WHERE id = 4; DELETE FROM item WHERE id BETWEEN 50 AND 60;
                UPDATE item SET id = id + 1000 WHERE id > 90""")  # fmt: skip
            stream.catch_up()
            run(
                both.source,
                "UPDATE item SET kind = 'b' WHERE id = 1092; DELETE FROM item WHERE id = 5",
            )
            stream.catch_up()
            condition = "SELECT * FROM item WHERE kind = 'a' AND n > 0 ORDER BY 1"
            assert fetch(both.source, condition) == fetch(
                both.target, "SELECT * FROM item ORDER BY 1"
            )
            assert stream.ended.conflicts == 0


def test_a_row_that_leaves_the_condition_on_the_new_side_is_a_conflict(postgres: str) -> None:
    script = "CREATE TABLE item (id int PRIMARY KEY, kind text)"
    with pair(postgres, [table(name="item", where="kind = 'a'")], script) as both:
        both.both("INSERT INTO item SELECT i, 'a' FROM generate_series(1, 9) i")
        run(both.source, "INSERT INTO item VALUES (100, 'b')")
        both.begin(Direction.REVERSE)
        with following(both, Direction.REVERSE) as back:
            run(both.target, "UPDATE item SET kind = 'b' WHERE id = 1; DELETE FROM item WHERE id = 2;"
                " INSERT INTO item VALUES (10, 'a')")  # fmt: skip
            back.catch_up()
            assert fetch(both.source, "SELECT * FROM item WHERE id IN (1, 2, 10, 100) ORDER BY 1") == [
                (1, "a"), (10, "a"), (100, "b"),
            ]  # fmt: skip
            run(both.target, "TRUNCATE item")
            back.catch_up()
            assert fetch(both.source, "SELECT * FROM item") == [(100, "b")]
            assert back.ended.conflicts == 1


def test_one_table_becomes_two_and_comes_back(postgres: str) -> None:
    tables = [
        table(name="person", to="who", only=["name"]),
        table(name="person", to="address", only=["street", "city"]),
    ]
    with pair(postgres, tables) as both:
        run(
            both.source,
            "CREATE TABLE person (id int PRIMARY KEY, name text, street text, city text)",
        )
        run(both.target, "CREATE TABLE who (id int PRIMARY KEY, name text);"
            " CREATE TABLE address (id int PRIMARY KEY, street text, city text)")  # fmt: skip
        both_ways(both)
        with following(both) as stream, following(both, Direction.REVERSE) as back:
            run(both.source, """INSERT INTO person SELECT i, 'n' || i, 's' || i, 'c' || i
                FROM generate_series(1, 300) i; UPDATE person SET name = 'x', city = 'y' WHERE id < 9;
                UPDATE person SET id = -id WHERE id > 290; DELETE FROM person WHERE id = 50""")  # fmt: skip
            stream.catch_up()
            joined = (
                "SELECT id, name, street, city FROM who FULL JOIN address USING (id) ORDER BY 1"
            )
            persons = "SELECT * FROM person ORDER BY 1"
            assert fetch(both.source, persons) == fetch(both.target, joined)
            run(both.target, """INSERT INTO who VALUES (900, 'new'), (901, 'none');
                INSERT INTO address VALUES (900, 'here', 'there');
                UPDATE address SET city = 'moved' WHERE id = 3; UPDATE who SET name = NULL WHERE id = 4;
                DELETE FROM address WHERE id = 5; DELETE FROM who WHERE id = 6;
                DELETE FROM address WHERE id = 6""")  # fmt: skip
            back.catch_up()
            stream.catch_up()
            assert fetch(both.source, persons) == fetch(both.target, joined)
            assert fetch(both.source, "SELECT * FROM person WHERE id IN (5, 901) ORDER BY 1") == [
                (5, "x", None, None), (901, "none", None, None),
            ]  # fmt: skip
            assert back.ended.conflicts == 0


def test_two_tables_become_one_and_come_back(postgres: str) -> None:
    tables = [table(name="who", to="person"), table(name="address", to="person")]
    with pair(postgres, tables) as both:
        run(both.source, "CREATE TABLE who (id int PRIMARY KEY, name text NOT NULL); CREATE TABLE"
            " address (id int PRIMARY KEY REFERENCES who ON DELETE CASCADE, street text, body text)")  # fmt: skip
        run(
            both.target,
            "CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, street text, body text)",
        )
        both_ways(both)
        with following(both) as stream, following(both, Direction.REVERSE) as back:
            run(both.source, """INSERT INTO who SELECT i, 'n' || i FROM generate_series(1, 300) i;
                INSERT INTO address SELECT i, 's' || i, string_agg(md5((i * j)::text), '')
                FROM generate_series(1, 100) i, generate_series(1, 200) j GROUP BY i;
                UPDATE address SET street = 'x' WHERE id < 9; DELETE FROM who WHERE id = 50;
                DELETE FROM address WHERE id = 51;
                BEGIN; INSERT INTO who VALUES (1000, 'm'); UPDATE address SET id = 1000 WHERE id = 60; COMMIT
                """)  # fmt: skip
            stream.catch_up()
            joined = (
                "SELECT id, name, street, body FROM who FULL JOIN address USING (id) ORDER BY 1"
            )
            persons = "SELECT * FROM person ORDER BY 1"
            assert fetch(both.target, persons) == fetch(both.source, joined)
            run(both.target, """INSERT INTO person (id, name, street) VALUES (2000, 'new', 'here'), (2001, 'alone', NULL);
                UPDATE person SET street = NULL, body = NULL WHERE id = 3;
                UPDATE person SET street = 'late' WHERE id = 200; DELETE FROM person WHERE id = 4""")  # fmt: skip
            back.catch_up()
            stream.catch_up()
            assert fetch(both.target, persons) == fetch(both.source, joined)
            assert fetch(both.source, "SELECT id FROM address WHERE id IN (3, 4, 200, 2000, 2001) ORDER BY 1") == [
                (200,), (2000,),
            ]  # fmt: skip
            assert stream.ended.conflicts == back.ended.conflicts == 0
