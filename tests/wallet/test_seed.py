"""The seed: the same customers every time, their books in order, and made only once."""

import psycopg

from tests.wallet.town import database, seed

TABLES = ("customers", "accounts", "payments", "topups", "movements")
OF_NO_TRANSFER = """
    select count(*) from movements m
    left join payments p on p.id = reference left join topups t on t.id = reference
    where abs(m.amount) <> coalesce(p.amount, t.amount) or (p.id is null) = (t.id is null)
"""
OUT_OF_LINE = """
    select count(*) from (
      select balance - amount <> lag(balance, 1, 0::bigint)
               over (partition by account_id order by id) as broken from movements)
    where broken
"""


def content(url: str) -> dict[str, object]:
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(
                f"select count(*), sum(hashtextextended(t::text, 0)) from {table} t".encode()
            ).fetchone()
            for table in TABLES
        }


def test_a_second_run_of_the_seed_changes_nothing(postgres: str, seeded: str) -> None:
    with database(postgres, "seed_twice", seeded) as url:
        with psycopg.connect(url) as connection:
            connection.execute("update customers set name = 'Changed' where id = 1")
        before = content(url)
        assert seed(url) == ""
        assert content(url) == before


def test_the_seed_is_always_the_same(postgres: str, seeded: str) -> None:
    with database(postgres, "seed_one", seeded) as one, database(postgres, "seed_two") as two:
        seed(two)
        assert content(one) == content(two)


def test_the_seeds_books_are_in_order(postgres: str, seeded: str) -> None:
    with database(postgres, "seed_books", seeded) as url, psycopg.connect(url) as connection:
        for query in (OF_NO_TRANSFER, OUT_OF_LINE):
            assert connection.execute(query.encode()).fetchone() == (0,)
        total = "select sum(balance) from accounts"
        assert connection.execute(total.encode()).fetchone() == (0,)
        new = connection.execute(
            "insert into customers (phone, name, email, password) "
            "values ('3999999999', 'n', 'e', 'p') returning id"
        )
        assert new.fetchone() == (10_001,)
