"""Who could keep writes waiting is found before any waits."""

import psycopg

from matapalo.conductor.tables.proving import long_writers
from matapalo.stream.database import connect
from matapalo.stream.shape import Name
from tests.stream.servers import run, server
from tests.support import eventually

TABLES = [Name("public", "t"), Name("public", "parted")]


async def test_writers_that_are_long_at_it_are_named_and_no_others() -> None:
    with server(settings={"max_prepared_transactions": "5"}) as one:
        run(
            one.url,
            "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY);"
            "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);"
            "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)",
        )
        with (
            connect(one.url) as asking,
            psycopg.connect(one.url, application_name="reader") as reader,
            psycopg.connect(one.url, application_name="elsewhere") as elsewhere,
            psycopg.connect(one.url, application_name="batch") as batch,
        ):
            reader.execute("SELECT * FROM t FOR UPDATE")
            elsewhere.execute("INSERT INTO other VALUES (1)")
            batch.execute("INSERT INTO parted_1 VALUES (1)")
            run(one.url, "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'at rest'")
            found = await eventually(lambda: both(long_writers(asking, TABLES)))
            assert found[0].startswith("batch (postgres, pid ")
            assert found[1].startswith("the prepared transaction at rest (postgres, for ")
            batch.rollback()
            run(one.url, "ROLLBACK PREPARED 'at rest'")
            assert long_writers(asking, TABLES) == []
            batch.execute("INSERT INTO parted_1 VALUES (1)")
            assert long_writers(asking, TABLES) == []


def both(found: list[str]) -> list[str]:
    return sorted(found) if len(found) == 2 else []
