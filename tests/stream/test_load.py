"""Full loads between real databases."""

from collections.abc import Iterator

import psycopg
import pytest

from matapalo.blueprint import Table
from matapalo.errors import LoadFailed, StreamBusy
from matapalo.stream.catalog import shapes
from matapalo.stream.catalog.trimming import trimming
from matapalo.stream.database import connect
from matapalo.stream.load import Progress, load
from matapalo.stream.shape import Name
from tests.stream.loading import SMALL, Place, ended, place, rows
from tests.stream.servers import fetch, run


@pytest.fixture
def here(postgres: str) -> Iterator[Place]:
    with place(postgres) as two:
        yield two


NUMBERS = """
CREATE TABLE numbers (id bigint PRIMARY KEY, text text);
INSERT INTO numbers SELECT i, 'number ' || i FROM generate_series(1, 5000) AS i;
ANALYZE numbers
"""


def test_a_table_comes_whole(here: Place) -> None:
    run(here.source, NUMBERS)
    assert ended(here.load("numbers")).slot
    assert not here.differing()
    assert fetch(here.target, "SELECT count(*) FROM numbers") == [(5000,)]


EVERYTHING = """
CREATE SCHEMA "Odd names";
CREATE TYPE "Odd names"."Mood" AS ENUM ('so so', 'it''s "fine"');
CREATE TYPE public.pair AS (a int, b "Odd names"."Mood");
CREATE DOMAIN public.positive AS numeric(12, 3) CHECK (VALUE > 0);
CREATE TYPE public.span AS RANGE (SUBTYPE = float8);
CREATE TABLE "Odd names"."select ""from"" tschüß" (
    "primary key" uuid PRIMARY KEY,
    "user" "Odd names"."Mood" DEFAULT 'so so',
    moods "Odd names"."Mood"[],
    a_pair public.pair,
    positive public.positive,
    span public.span,
    "ä ö %s {} :x" text COLLATE "C",
    small smallint, whole int, big bigint, exact numeric, rounded numeric(9, 2),
    r real, d double precision, yes boolean, c char(7), v varchar(20), b bytea,
    day date, moment timestamp, instant timestamptz, clock time, clockz timetz, length interval,
    js json, jsb jsonb, address inet, net cidr, mac macaddr, bits bit(5), many varbit,
    p point, poly polygon, words tsvector, ints int[][], texts text[], ranges int4range,
    multi nummultirange, kind regclass, money money, lsn pg_lsn, "name" name,
    double_exact numeric GENERATED ALWAYS AS (exact * 2) STORED
);
INSERT INTO "Odd names"."select ""from"" tschüß" VALUES
 ('00000000-0000-0000-0000-000000000001', 'it''s "fine"', '{"so so","it''s \\"fine\\""}',
  '(1,"so so")', 1.5, '[1.5,2.5)', E'tab\\t and \\n line, \\\\ backslash, ünïcödé, ''quote''',
  -3, 2147483647, -9223372036854775808, 123456789012345678901234567890.000000001, 1.10,
  'NaN', '-Infinity', true, 'ab', 'v', '\\x00ff', '4713-01-01 BC', 'infinity',
  '2024-02-29 12:00:00.123456+05', '24:00', '12:00+03', '1 year -2 days 3.5 seconds',
  '{"a" :  1}', '{"b": [1, null]}', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03',
  '10101', '101', '(1,2)', '((0,0),(1,1),(2,0))', 'a fat cat', '{{1,2},{3,NULL}}',
  '{NULL,"NULL",""}', 'empty', '{[1,2),[5,)}', 'pg_class', 12.34, '16/B374D848', 'nm');
INSERT INTO "Odd names"."select ""from"" tschüß" ("primary key")
VALUES ('00000000-0000-0000-0000-000000000002');
"""


def test_every_type_and_every_name_comes_through(here: Place) -> None:
    run(here.source, EVERYTHING)
    ended(here.load('"Odd names"."select ""from"" tschüß"'))
    assert not here.differing()


TRIMMED = """
CREATE TABLE owner (id serial PRIMARY KEY, "e mail" text NOT NULL UNIQUE, note text DEFAULT 'x');
CREATE TABLE thing (
    id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT 7) PRIMARY KEY,
    owner_id int NOT NULL REFERENCES owner ON DELETE CASCADE,
    price numeric(10, 2) CONSTRAINT cheap CHECK (price < 1000),
    tax numeric GENERATED ALWAYS AS (price * 0.19) STORED,
    during int4range,
    EXCLUDE USING gist (during WITH &&)
);
CREATE INDEX "lower ""mail"" x" ON owner (lower("e mail") text_pattern_ops) WHERE note IS NOT NULL;
CREATE UNIQUE INDEX ON thing (owner_id DESC NULLS LAST, price) INCLUDE (tax);
INSERT INTO owner ("e mail") SELECT 'm' || i FROM generate_series(1, 100) AS i;
INSERT INTO thing (owner_id, price) SELECT i, i FROM generate_series(1, 100) AS i;
"""


def test_a_new_table_has_all_that_belongs_to_the_old_one(here: Place) -> None:
    run(here.source, TRIMMED)
    ended(here.load("owner", "thing"))
    assert not here.differing()
    names = [Name("public", "owner"), Name("public", "thing")]
    with connect(here.source) as source, connect(here.target) as target:
        assert shapes(source, names) == shapes(target, names)
        for name in names:
            assert trimming(source, name) == trimming(target, name)


def test_numbers_go_on_where_the_source_was(here: Place) -> None:
    run(here.source, TRIMMED)
    here.load("owner", "thing")
    run(here.target, "INSERT INTO owner (\"e mail\") VALUES ('new')")
    run(here.target, "INSERT INTO thing (owner_id, price) VALUES (1, 2)")
    assert fetch(here.target, "SELECT max(id) FROM owner") == [(101,)]
    assert fetch(here.target, "SELECT max(id) FROM thing") == [(1 + 7 * 100,)]


PARTITIONED = """
CREATE TABLE log (id int, day date, text text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE log_24 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
    PARTITION BY HASH (id);
CREATE TABLE log_24_0 PARTITION OF log_24 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE log_24_1 PARTITION OF log_24 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE log_rest PARTITION OF log DEFAULT;
CREATE INDEX ON log (text);
INSERT INTO log SELECT i, date '2024-06-01' + i, i FROM generate_series(1, 500) AS i;
"""


def test_a_partitioned_table_stays_partitioned(here: Place) -> None:
    run(here.source, PARTITIONED)
    ended(here.load("log", sizes=SMALL))
    assert not here.differing()
    count = "SELECT tableoid::regclass::text, count(*) FROM log GROUP BY 1 ORDER BY 1"
    assert fetch(here.source, count) == fetch(here.target, count)


def test_a_table_is_cut_into_ranges_that_have_every_row_once(here: Place) -> None:
    run(
        here.source,
        """CREATE TABLE wide (a text, b int, filler text, PRIMARY KEY (a, b));
           INSERT INTO wide SELECT chr(97 + i % 26) || '''"', i, repeat('x', 200)
           FROM generate_series(1, 5000) AS i;
           ANALYZE wide""",
    )
    events = here.load("wide", sizes=SMALL, jobs=3)
    assert not here.differing()
    assert fetch(here.target, "SELECT count(*) > 2 FROM matapalo.load_range") == [(True,)]
    assert [e for e in events if isinstance(e, Progress)][-1].rows == 5000


RENAMED = """
CREATE TABLE "check-in" (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n serial);
ALTER TABLE "check-in" RENAME TO "Check in";
INSERT INTO "Check in" SELECT FROM generate_series(1, 3)
"""


def test_a_sequence_keeps_its_name_if_its_table_does(here: Place) -> None:
    run(here.source, RENAMED)
    ended(here.load(Table(name='"Check in"')))
    names = """SELECT column_name, pg_get_serial_sequence('"Check in"', column_name)
               FROM unnest(ARRAY['id', 'n']) AS column_name ORDER BY 1"""
    assert fetch(here.target, names) == fetch(here.source, names)
    assert 'public."check-in_id_seq"' in str(fetch(here.target, names))


def test_a_table_that_gets_another_name_has_a_sequence_of_its_own(here: Place) -> None:
    run(here.source, RENAMED)
    run(here.target, 'CREATE TABLE "check-in" (id bigint GENERATED ALWAYS AS IDENTITY)')
    ended(here.load(Table(name='"Check in"', to="visit", omit=("n",))))
    run(here.target, "INSERT INTO visit DEFAULT VALUES")
    assert fetch(here.target, "SELECT max(id) FROM visit") == [(4,)]


MAPPED = """
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE item (
    id int PRIMARY KEY, a int NOT NULL, b int NOT NULL, c varchar(20), secret text, hue colour,
    CHECK (a <> b), UNIQUE (c), parent int REFERENCES item
);
CREATE INDEX "by a" ON item (a) WHERE b > 3;
INSERT INTO item SELECT i, i, i + 1, 'c' || i, 's', 'red', nullif(i - 1, 0)
FROM generate_series(1, 1000) AS i;
"""


def test_names_swap_columns_stay_behind_types_change_constants_are_set(here: Place) -> None:
    run(here.source, MAPPED)
    table = Table(
        name="item",
        to='"shop front"."Item"',
        columns={"a": "b", "b": "a", "id": "key"},
        omit=("secret",),
        cast={"c": "text", "hue": "text", "parent": "bigint"},
        constant={"origin": "it's the monolith"},
    )
    ended(here.load(table))
    there = 'SELECT key, b, a, c, hue, parent FROM "shop front"."Item" ORDER BY key'
    here_ = "SELECT id, a, b, c, hue::text, parent FROM item ORDER BY id"
    assert fetch(here.target, there) == fetch(here.source, here_)
    origins = fetch(here.target, 'SELECT DISTINCT origin FROM "shop front"."Item"')
    assert origins == [("it's the monolith",)]
    with pytest.raises(psycopg.errors.CheckViolation):
        run(here.target, 'INSERT INTO "shop front"."Item" (key, a, b) VALUES (-1, 5, 5)')
    (index,) = fetch(here.target, "SELECT indexdef FROM pg_indexes WHERE indexname = 'by a'")
    assert "(b) WHERE (a > 3)" in str(index)


def test_only_rows_that_fulfil_the_condition_come(here: Place) -> None:
    run(here.source, NUMBERS)
    table = Table(name="numbers", where="id % 2 = 0 AND text <> 'number ''4'")
    ended(here.load(table, sizes=SMALL))
    assert fetch(here.target, "SELECT count(*), min(id) FROM numbers") == [(2500, 2)]


SPLIT = """
CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, street text, city text);
INSERT INTO person SELECT i, 'n' || i, 's' || i, 'c' FROM generate_series(1, 300) AS i;
"""


def test_a_table_is_split_in_two(here: Place) -> None:
    run(here.source, SPLIT)
    ended(
        here.load(
            Table(name="person", only=("name",)),
            Table(name="person", to="address", only=("street", "city")),
        )
    )
    assert rows(here.target, Name("public", "person"), ["id", "name"]) == rows(
        here.source, Name("public", "person"), ["id", "name"]
    )
    assert fetch(
        here.target, "SELECT count(*), min(street) FROM address JOIN person USING (id)"
    ) == [(300, "s1")]


def test_two_tables_are_joined(here: Place) -> None:
    run(here.target, SPLIT)
    run(
        here.source,
        """CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL);
           CREATE TABLE address (person int PRIMARY KEY, street text, city text);
           INSERT INTO person SELECT i, 'n' || i FROM generate_series(1, 300) AS i;
           INSERT INTO address SELECT i, 's' || i, 'c' FROM generate_series(1, 300, 2) AS i""",
    )
    run(here.target, "TRUNCATE person")
    ended(here.load("person", Table(name="address", to="person", columns={"person": "id"})))
    joined = "SELECT id, name, street FROM person LEFT JOIN address ON id = person ORDER BY id"
    assert fetch(here.source, joined) == fetch(
        here.target, "SELECT id, name, street FROM person ORDER BY id"
    )


def test_a_target_that_has_rows_is_refused_and_left_alone(here: Place) -> None:
    run(here.source, NUMBERS)
    run(here.target, "CREATE TABLE numbers (id bigint PRIMARY KEY, text text)")
    run(here.target, "INSERT INTO numbers VALUES (1, 'mine')")
    with pytest.raises(LoadFailed, match="has rows already"):
        here.load("numbers")
    assert fetch(here.target, "SELECT * FROM numbers") == [(1, "mine")]
    assert not fetch(here.source, "SELECT FROM pg_publication")


def test_a_table_that_is_there_is_taken_as_it_is(here: Place) -> None:
    run(here.source, NUMBERS)
    run(
        here.target,
        "CREATE TABLE numbers (text varchar(99), more int DEFAULT 7, id bigint PRIMARY KEY)",
    )
    ended(here.load("numbers"))
    assert fetch(here.target, "SELECT * FROM numbers WHERE id = 3") == [("number 3", 7, 3)]


def test_loading_again_does_nothing(here: Place) -> None:
    run(here.source, NUMBERS)
    first = ended(here.load("numbers"))
    run(here.source, "INSERT INTO numbers VALUES (0, 'later')")
    assert here.again() == [first]
    assert fetch(here.target, "SELECT count(*) FROM numbers") == [(5000,)]


def test_another_mapping_is_no_way_to_go_on(here: Place) -> None:
    run(here.source, NUMBERS)
    here.load("numbers")
    with pytest.raises(LoadFailed, match="another mapping"):
        here.load(Table(name="numbers", omit=("text",)))


def test_a_value_that_does_not_fit_is_not_told(here: Place) -> None:
    run(here.source, "CREATE TABLE secrets (id int PRIMARY KEY, word text)")
    run(here.source, "INSERT INTO secrets VALUES (1, 'hunter2')")
    for type_ in ("int", "varchar(3)"):
        with pytest.raises(LoadFailed) as told:
            here.load(Table(name="secrets", to=f"s_{type_[:3]}", cast={"word": type_}))
        assert "hunter2" not in str(told.value)
        assert "secrets" in str(told.value)
        with connect(here.target) as target:
            target.execute("DELETE FROM matapalo.load")


def test_two_loads_of_a_stream_do_not_run_at_once(here: Place) -> None:
    run(here.source, NUMBERS)
    here.tables = (Table(name="numbers"),)
    first = load(here.order())
    next(event for event in first if isinstance(event, Progress))
    with pytest.raises(StreamBusy):
        here.again()
    assert ended(list(first))
