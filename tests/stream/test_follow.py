"""A stream from one database to another, with everything that happens to rows."""

from tests.stream.following import following, pair
from tests.stream.servers import run

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
            assert stream.state.applied.conflicts == 0
