"""Every kind of table, value and name, on every version of PostgreSQL that is to be had."""

import pytest

from matapalo.blueprint import Table
from tests.stream import versions
from tests.stream.following import following, pair
from tests.stream.servers import fetch, run

VERSIONS = pytest.mark.parametrize("major", versions.found())

EVERYTHING = """
CREATE TYPE mood AS ENUM ('glad', 'sad "so"', 'neither');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN word AS varchar(9) NOT NULL;
CREATE TABLE everything (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    a smallint, b int, c bigint, d real, e double precision, f numeric, g numeric(9,2), h money,
    i bool, j text, k varchar(5), l char(5), m "char", n name, o bytea, p date, q time, r timetz,
    s timestamp, t timestamptz, u interval, v uuid, w json, x jsonb, z inet, aa cidr,
    bb macaddr, cc bit(3), dd varbit(9), ee point, ff box, gg int4range, hh tstzrange,
    ii int[], jj text[], kk numeric[], ll mood, mm positive, nn word DEFAULT 'w', oo tsvector,
    pp int GENERATED ALWAYS AS (b * 2) STORED, qq pg_lsn, rr jsonpath, ss oid);
"""
ROWS = """
INSERT INTO everything (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, z,
    aa, bb, cc, dd, ee, ff, gg, hh, ii, jj, kk, ll, mm, oo, qq, rr, ss)
SELECT n, n, n * 1000000007::bigint, n / 3.0, n / 7.0, n / 13.0, n / 11.0, n::money,
    n % 2 = 0, 'Ünï ' || n, 'k' || n, 'l' || n, 'm', 'n', decode(md5(n::text), 'hex'),
    date '2024-02-29' + n, time '10:00' + n * interval '1 second', timetz '10:00+02',
    timestamp '2024-02-29 12:00:00.123456', timestamptz '2024-02-29 12:00+05' + n * interval '1 h',
    n * interval '1 month 2 days 3.5 s', md5(n::text)::uuid, '{"a":  1, "a": 2}',
    jsonb_build_object('n', n, 'x', NULL), '10.0.0.1/24', '10.0.0.0/8',
    '08:00:2b:01:02:03', b'101', b'1011', point(n, 1), box(point(n, 1), point(2, 3)),
    int4range(n, n + 5), tstzrange('2024-01-01', NULL), ARRAY[n, NULL, 3],
    ARRAY['a"b', 'c,d', NULL, '']::text[], ARRAY[1.5, 'NaN'], 'sad "so"', n, to_tsvector('a fox'),
    '16/B374D848', '$.a[*] ? (@ > 1)', n
FROM generate_series(1, 300) n;
INSERT INTO everything (b) VALUES (NULL), (NULL), (7);
UPDATE everything SET ii = ii || ii, ll = 'glad', g = -g, k = NULL WHERE id % 3 = 0;
DELETE FROM everything WHERE id % 10 = 0;
"""


@VERSIONS
def test_values_of_every_type_arrive_as_they_are(servers: versions.Servers, major: int) -> None:
    with pair(servers[major].url, ["everything"], EVERYTHING) as both:
        both.begin()
        with following(both) as stream:
            run(both.source, ROWS)
            stream.catch_up()
            same(both.source, both.target, "everything")
            assert stream.ended.conflicts == 0
            assert stream.ended.rows > 400


def test_types_that_users_made_arrive_in_arrays_and_rows_too(postgres: str) -> None:
    script = """
    CREATE TYPE mood AS ENUM ('glad', 'sad, "so"');
    CREATE TYPE place AS (x int, name text, mood mood);
    CREATE TABLE made (id int PRIMARY KEY, moods mood[], place place, places place[], n numeric(5,1),
        at timestamptz, raw bytea, f float8, gone regclass, rows int4multirange);
    """
    with pair(postgres, ["made"], script) as both:
        # Numbers of types differ between servers as a rule; here they are made to.
        run(
            both.target,
            "DROP TABLE made; DROP TYPE place; DROP TYPE mood; CREATE TYPE t AS (a int)",
        )
        run(both.target, script)
        both.begin()
        with following(both) as stream:
            run(both.source, """INSERT INTO made SELECT i, '{glad,"sad, \\"so\\""}',
                (i, 'a "b", c', 'glad'::mood)::place, ARRAY[(1, NULL, 'glad'::mood)::place, NULL], i, now(),
                '\\xdeadbeef', 1e-300 / i, 'pg_class', '{[1,3),[7,9)}' FROM generate_series(1, 9) i;
                UPDATE made SET n = n + 1, moods = NULL WHERE id < 5; DELETE FROM made WHERE id = 9;
                UPDATE made SET id = 100 WHERE id = 8""")  # fmt: skip
            stream.catch_up()
            same(both.source, both.target, "made")


@VERSIONS
def test_identity_full_and_by_index(servers: versions.Servers, major: int) -> None:
    script = """
    CREATE TABLE whole (id int PRIMARY KEY, n int, body text);
    ALTER TABLE whole REPLICA IDENTITY FULL;
    CREATE TABLE coded (a int, code text NOT NULL, part int NOT NULL, body text);
    CREATE UNIQUE INDEX coded_key ON coded (code, part);
    ALTER TABLE coded REPLICA IDENTITY USING INDEX coded_key;
    """
    large = "repeat(md5(random()::text), 1) || (SELECT string_agg(md5((i * random())::text), '')"
    large += " FROM generate_series(1, 300) i)"
    with pair(servers[major].url, ["whole", "coded"], script) as both:
        both.begin()
        with following(both) as stream:
            run(both.source, f"""
                INSERT INTO whole SELECT i, i, {large} FROM generate_series(1, 30) i;
                INSERT INTO coded SELECT i, 'c' || i % 7, i, {large} FROM generate_series(1, 30) i;
                """)  # fmt: skip
            stream.catch_up()
            run(both.source, """
                UPDATE whole SET n = -n; UPDATE whole SET id = id + 100 WHERE id % 2 = 0;
                DELETE FROM whole WHERE id % 5 = 0;
                UPDATE coded SET a = -a; UPDATE coded SET code = code || 'x', a = 5 WHERE part > 20;
                DELETE FROM coded WHERE part % 5 = 0""")  # fmt: skip
            stream.catch_up()
            same(both.source, both.target, "whole")
            same(both.source, both.target, "coded")
            assert stream.ended.conflicts == 0


@VERSIONS
def test_partitions_are_one_table(servers: versions.Servers, major: int) -> None:
    split = """
    CREATE TABLE event (id int, at date, n int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
    CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
    """
    with pair(servers[major].url, ["event"], split) as both:
        run(both.target, "DROP TABLE event")
        run(both.target, "CREATE TABLE event (id int, at date, n int, PRIMARY KEY (id, at))")
        both.begin()
        with following(both) as stream:
            run(both.source, """
                INSERT INTO event SELECT i, date '2024-01-01' + i, i FROM generate_series(1, 300) i;
                UPDATE event SET n = -n WHERE id % 3 = 0; UPDATE event SET at = at + 20 WHERE id < 200;
                DELETE FROM event WHERE id % 7 = 0""")  # fmt: skip
            stream.catch_up()
            same(both.source, both.target, "event")


def test_names_are_only_names(postgres: str) -> None:
    script = """
    CREATE SCHEMA "the ""my"" shop";
    CREATE TYPE "the ""my"" shop"."a 'type'(x)" AS ENUM ('it''s', '"');
    CREATE TABLE "the ""my"" shop"."select %s; -- ñ" (
        "primary key" int, "from" text, "a b" "the ""my"" shop"."a 'type'(x)", "$1" int, "s" int,
        "t.x" int, "{}" int, PRIMARY KEY ("primary key", "from"));
    """
    table = Table.model_validate({"name": '"the ""my"" shop"."select %s; -- ñ"'})
    with pair(postgres, [table], script) as both:
        both.begin()
        with following(both) as stream:
            name = '"the ""my"" shop"."select %s; -- ñ"'
            run(both.source, f"""
                INSERT INTO {name} SELECT i, 'f' || i, '"', i, i, i, i FROM generate_series(1, 300) i;
                INSERT INTO {name} VALUES (0, ''';--', 'it''s', 1, 2, 3, 4);
                UPDATE {name} SET "$1" = 7, "a b" = NULL WHERE "primary key" < 30;
                UPDATE {name} SET "primary key" = -1 WHERE "primary key" = 44;
                DELETE FROM {name} WHERE "t.x" % 2 = 0""")  # fmt: skip
            stream.catch_up()
            same(both.source, both.target, name)
            assert stream.ended.conflicts == 0


def same(source: str, target: str, table: str) -> None:
    """Hold the rows of a table on both sides against each other, as text."""
    query = f"SELECT t::text FROM {table} AS t ORDER BY 1"
    there, here = fetch(source, query), fetch(target, query)
    assert there == here
    assert there
