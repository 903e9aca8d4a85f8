"""Comparing two real databases: what is the same is called the same, and every fault is named."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from matapalo.blueprint import Table
from matapalo.errors import TableRewritten
from matapalo.stream.catalog import shapes
from matapalo.stream.database import connect
from matapalo.stream.mapping import Flows, map_tables
from matapalo.stream.names import trusted
from matapalo.stream.shape import Name
from matapalo.stream.verify import Compared, Comparison, Fault, Side
from tests.stream.servers import database, run, server

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

ALL_TYPES = """
CREATE TYPE mood AS ENUM ({moods});
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, b text);
CREATE TABLE odd (
    id numeric PRIMARY KEY, b bool, i2 smallint, i4 int, i8 bigint, r4 real, r8 double precision,
    n numeric, m money, t text, vc varchar(20), c char(5), by bytea, d date, ti time,
    tz timetz, ts timestamp, tst timestamptz, iv interval, u uuid, j json, jb jsonb,
    ip inet, net cidr, mac macaddr, p point, bx box, pl polygon, bi bit(3), vb varbit, tv tsvector,
    tq tsquery, r int4range, mr int4multirange, ai int[], at text[], am mood[], mo mood, po posint,
    pa pair, lsn pg_lsn, "weird "" Näme" text);
INSERT INTO odd SELECT
  g + 0.50, true, 1, 2, 3, 1.1, 2.2, 1.10, 3.50, 'té', 'vc', 'c', '\\x00ff', '2024-02-29',
  '12:34:56.789', '12:34:56+02', '2024-01-01', '2024-01-01 00:00:00+05', '1 day',
  '0b5c9b4e-2f39-4f9c-8a43-1d5b1c0f9e11', '{{"a": 1}}', '{{"a": 1.0}}', '10.0.0.1/8',
  '10.0.0.0/8', '08:00:2b:01:02:03', '(1,2)', '(1,1),(0,0)', '((0,0),(1,1),(1,0))', '101',
  '10101', 'a:1 b:2', 'a & b', '[1,5)', '{{[1,3),[5,7)}}', '{{1,2}}',
  '{{a,NULL,"q\\"uote"}}', '{{sad,happy}}', 'happy',
  5, '(1,x)', '0/16', 'q' FROM generate_series(0, 40) g;
INSERT INTO odd (id, r4, r8, n, t, by, d, ts, tst, jb, ip, r, mr, ai, at)
VALUES ('NaN', 'NaN', '-Infinity', 'NaN', '', '', 'infinity', '-infinity', 'infinity', 'null',
  '::1', 'empty', '{{}}', '{{}}', '{{}}')
"""


def flows(source: str, target: str, *tables: Table) -> Flows:
    """Return the flows between two databases whose tables are there."""
    with connect(source) as one, connect(target) as other:
        return map_tables(
            tables,
            shapes(one, [Name.parse(table.name) for table in tables]),
            shapes(other, [Name.parse(table.target) for table in tables]),
        )


def compared(source: str, target: str, table: Table | str) -> Compared:
    (flow,) = flows(source, target, Table.model_validate(table))
    with Side(source) as one, Side(target) as other:
        return Comparison(flow, one, other).run()


def faults(found: Compared) -> dict[tuple[str, ...], tuple[Fault, tuple[str, ...]]]:
    return {one.key: (one.fault, one.columns) for one in found.differences}


@pytest.fixture
def pair(postgres: str) -> tuple[str, str]:
    return database(postgres), database(postgres)


@pytest.fixture(scope="module")
def older() -> Iterator[str]:
    with server(DEBIAN_15) as one:
        yield one.url


def both(pair: tuple[str, str], script: str) -> None:
    for url in pair:
        run(url, script)


def test_values_of_every_type_are_the_same_on_another_version(postgres: str, older: str) -> None:
    new, old = database(postgres), database(older)
    run(old, ALL_TYPES.format(moods="'happy', 'sad'"))
    run(new, "CREATE SCHEMA elsewhere; CREATE TYPE elsewhere.other AS ENUM ('z')")
    run(new, ALL_TYPES.format(moods="'sad', 'between', 'happy'"))
    run(new, f"ALTER DATABASE {new.rsplit('/', 1)[1]} SET TimeZone = 'Asia/Tokyo'")
    found = compared(old, new, "odd")
    assert found.equal, found.differences
    assert (found.source_rows, found.target_rows) == (42, 42)


CHANGES = [
    ("b", "false"), ("i8", "4"), ("r4", "1.1000001"), ("r8", "2.2000000000000006"), ("n", "1.1"),
    ("n", "1.100"), ("t", "'te'"), ("t", "'té '"), ("c", "'d'"), ("by", "'\\x00fe'"),
    ("ts", "'2024-01-01 00:00:00.000001'"), ("iv", "'24 hours'"), ("tz", "'11:34:56+01'"),
    ("j", "'{\"a\":1}'"), ("jb", "'{\"a\": 1.00}'"), ("ip", "'10.0.0.1'"),
    ("p", "'(1,2.0000001)'"), ("bi", "'100'"), ("ai", "'{{1,2}}'"), ("ai", "'[0:1]={1,2}'"),
    ("at", "'{a,\"NULL\",\"q\\\"uote\"}'"), ("am", "'{sad,sad}'"), ("mo", "'sad'"),
    ("pa", "'(1,)'"), ("mr", "'{[1,3)}'"), ("i4", "NULL"), ('weird " Näme', "NULL"),
    ("lsn", "'0/17'"), ("po", "6"), ("m", "3.51"),
]  # fmt: skip


def test_the_smallest_change_of_a_value_is_seen_and_its_column_named(
    pair: tuple[str, str],
) -> None:
    both(pair, ALL_TYPES.format(moods="'happy', 'sad'"))
    with psycopg.connect(pair[1]) as target:
        for number, (column, value) in enumerate(CHANGES):
            name = sql.Identifier(column)
            change = sql.SQL("UPDATE odd SET {} = {} WHERE id = {}")
            target.execute(change.format(name, trusted(value), number + 0.5))
    assert faults(compared(*pair, "odd")) == {
        (f"{number}.50",): (Fault.DIFFERENT, (column,))
        for number, (column, _) in enumerate(CHANGES)
    }


def test_missing_extra_and_different_rows_are_told_apart(pair: tuple[str, str]) -> None:
    both(
        pair,
        """CREATE TABLE t (a text COLLATE "en_US" DEFAULT 'x', b int, v text, PRIMARY KEY (a, b));
           INSERT INTO t SELECT chr(65 + g % 50) || '%s{}', g, 'v' || g
           FROM generate_series(1, 20000) g""".replace(' COLLATE "en_US"', ""),
    )
    assert compared(*pair, "t").equal
    run(pair[1], "DELETE FROM t WHERE b = 7; UPDATE t SET v = NULL WHERE b IN (11, 19999)")
    run(pair[1], "INSERT INTO t VALUES ('zz', 50000, 'more')")
    found = compared(*pair, "t")
    assert faults(found) == {
        ("H%s{}", "7"): (Fault.MISSING, ()),
        ("L%s{}", "11"): (Fault.DIFFERENT, ("v",)),
        ("r%s{}", "19999"): (Fault.DIFFERENT, ("v",)),
        ("zz", "50000"): (Fault.EXTRA, ()),
    }
    assert (found.source_rows, found.target_rows, found.complete) == (20000, 20000, True)


def test_contents_exchanged_between_rows_are_seen(pair: tuple[str, str]) -> None:
    both(pair, "CREATE TABLE t (id int PRIMARY KEY, v text)")
    run(pair[0], "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    run(pair[1], "INSERT INTO t VALUES (1, 'b'), (2, 'a')")
    assert len(compared(*pair, "t").differences) == 2


@pytest.mark.parametrize(("one", "other"), [("", "a"), ("a", "")])
def test_an_empty_table_is_compared_too(pair: tuple[str, str], one: str, other: str) -> None:
    both(pair, "CREATE TABLE t (id text PRIMARY KEY)")
    assert compared(*pair, "t").equal
    for url, key in zip(pair, (one, other), strict=True):
        run(url, f"INSERT INTO t SELECT '{key}' WHERE '{key}' <> ''")
    assert len(compared(*pair, "t").differences) == 1


def test_a_partitioned_table_and_a_plain_one_are_compared_by_content(
    pair: tuple[str, str],
) -> None:
    run(pair[0], "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)")
    run(pair[0], "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (500)")
    run(pair[0], "CREATE TABLE t2 PARTITION OF t DEFAULT")
    run(pair[1], "CREATE TABLE t (v text, id int PRIMARY KEY)")
    run(pair[0], "INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g")
    run(pair[1], "INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g")
    assert compared(*pair, "t").equal
    run(pair[0], "UPDATE t SET v = 'x' WHERE id = 700")
    assert faults(compared(*pair, "t")) == {("700",): (Fault.DIFFERENT, ("v",))}


def test_a_mapping_is_compared_as_it_maps(pair: tuple[str, str]) -> None:
    run(
        pair[0],
        'CREATE TABLE "Old T" (id int PRIMARY KEY, "a b" text, n text, gone text, kind text)',
    )
    run(
        pair[1],
        "CREATE SCHEMA s; CREATE TABLE s.new (key bigint PRIMARY KEY, ab text, n int, src text)",
    )
    run(pair[0], "INSERT INTO \"Old T\" VALUES (1,'x','007','g','k'), (2,'y','8','h','other')")
    run(pair[1], "INSERT INTO s.new VALUES (1, 'x', 7, 'changed meanwhile')")
    table = Table.model_validate(
        {
            "name": '"Old T"', "to": "s.new", "columns": {"id": "key", "a b": "ab"},
            "omit": ["gone", "kind"], "cast": {"id": "bigint", "n": "integer"},
            "constant": {"src": "old"}, "where": "kind = 'k'",
        }
    )  # fmt: skip
    assert compared(*pair, table).equal
    run(pair[1], "UPDATE s.new SET n = 8; INSERT INTO s.new VALUES (2, 'y', 8, 'old')")
    assert faults(compared(*pair, table)) == {
        ("1",): (Fault.DIFFERENT, ("n",)),
        ("2",): (Fault.EXTRA, ()),
    }


def test_many_faults_are_all_found_and_only_so_many_named(
    pair: tuple[str, str],
) -> None:
    both(pair, "CREATE TABLE t (a int, b int, v int, PRIMARY KEY (a, b))")
    run(pair[0], "INSERT INTO t SELECT 1, g, g FROM generate_series(1, 120000) g")
    run(pair[1], "INSERT INTO t SELECT 1, g, g % 119990 FROM generate_series(1, 120000) g")
    (flow,) = flows(*pair, Table(name="t"))
    with Side(pair[0]) as one, Side(pair[1]) as other:
        every = Comparison(flow, one, other).run()
        some = Comparison(flow, one, other).run(limit=3)
    assert {int(one.key[1]) for one in every.differences} == set(range(119990, 120001))
    assert (every.complete, some.complete, len(some.differences)) == (True, False, 3)
    assert not some.equal


def test_rows_that_a_policy_hides_are_an_error_and_not_a_difference(
    pair: tuple[str, str],
) -> None:
    both(pair, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    run(pair[0], "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE ROLE seer LOGIN")
    run(pair[0], "GRANT SELECT ON t TO seer")
    try:
        with pytest.raises(Exception, match="row-level security"):
            compared(pair[0].replace("postgres@", "seer@"), pair[1], "t")
    finally:
        run(pair[0], "DROP OWNED BY seer; DROP ROLE seer")


def test_a_side_is_one_moment_whatever_is_written_meanwhile(pair: tuple[str, str]) -> None:
    both(pair, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    (flow,) = flows(*pair, Table(name="t"))
    with Side(pair[0]) as one, Side(pair[1]) as other:
        run(pair[1], "INSERT INTO t VALUES (2)")
        assert Comparison(flow, one, other).run().equal
    assert not compared(*pair, "t").equal


@pytest.mark.parametrize("whose", [0, 1])
@pytest.mark.parametrize("disturbance", ["TRUNCATE t", "ALTER TABLE t ALTER v TYPE int USING 7"])
def test_a_table_that_is_emptied_or_rewritten_meanwhile_is_no_difference(
    pair: tuple[str, str], whose: int, disturbance: str
) -> None:
    both(pair, "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1)")
    (flow,) = flows(*pair, Table(name="t"))
    with Side(pair[0]) as one, Side(pair[1]) as other:
        comparison = Comparison(flow, one, other)
        assert comparison.run().equal
        run(pair[whose], disturbance)
        with pytest.raises(TableRewritten, match="emptied or rewritten"):
            comparison.run()


def test_a_comparison_holds_no_lock_between_two_statements(pair: tuple[str, str]) -> None:
    both(pair, "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1)")
    (flow,) = flows(*pair, Table(name="t"))
    with Side(pair[0]) as one, Side(pair[1]) as other:
        assert Comparison(flow, one, other).run().equal
        run(pair[0], "SET lock_timeout = '5s'; DROP TABLE t")
