"""Loads from and to every version of PostgreSQL that is to be had here."""

from collections.abc import Iterator

import pytest

from matapalo.blueprint import Table
from matapalo.stream.job import Job
from tests.stream import versions
from tests.stream.following import Pair, following
from tests.stream.loading import SMALL, Place, ended, place
from tests.stream.servers import run

NEWEST = max(versions.WANTED)
PAIRS = sorted(
    {(major, NEWEST) for major in versions.found()}
    | {(NEWEST, major) for major in versions.found()}
)

SHOP = """
CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('open', 'paid');
CREATE TYPE shop.money AS (amount numeric, currency char(3));
CREATE DOMAIN shop.mail AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE shop."Customer" (id serial PRIMARY KEY, mail shop.mail UNIQUE, tags text[]);
CREATE TABLE shop.order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int REFERENCES shop."Customer",
    state shop.state NOT NULL DEFAULT 'open',
    states shop.state[],
    total shop.money,
    net numeric(12, 2) CHECK (net > 0),
    gross numeric GENERATED ALWAYS AS (net * 1.19) STORED,
    document jsonb,
    at timestamptz DEFAULT '2024-01-01'
);
CREATE INDEX ON shop.order (state, (document ->> 'a')) WHERE net > 3;
CREATE TABLE shop.event (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE shop.event_24 PARTITION OF shop.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.event_rest PARTITION OF shop.event DEFAULT;
INSERT INTO shop."Customer" (mail, tags) SELECT i || '@x', ARRAY['a', NULL]
FROM generate_series(1, 500) AS i;
INSERT INTO shop.order (customer, states, total, net, document)
SELECT i, '{open,paid}', '(1.5,COP)', i, '{"a": 1}' FROM generate_series(1, 500) AS i;
INSERT INTO shop.event SELECT i, date '2024-06-01' + i FROM generate_series(1, 500) AS i;
ANALYZE;
"""
LATER = """
UPDATE shop.order SET state = 'paid', states = '{paid}', total = '(2,USD)' WHERE id % 7 = 0;
DELETE FROM shop.order WHERE id % 11 = 0;
INSERT INTO shop.event VALUES (9999, '2030-01-01');
UPDATE shop."Customer" SET mail = 'new@' || id WHERE id < 50;
"""
TABLES = ('shop."Customer"', "shop.order", "shop.event")


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0]} to {pair[1]}")
def here(request: pytest.FixtureRequest, servers: versions.Servers) -> Iterator[Place]:
    source, target = request.param
    with place(servers[source].url, servers[target].url) as two:
        run(two.source, SHOP)
        yield two


def test_every_version_is_a_source_and_a_target(here: Place) -> None:
    assert not here.examine(*TABLES).stops
    ended(here.load(*TABLES, sizes=SMALL))
    assert not here.differing()
    run(here.source, LATER)
    job = Job(here.stream, here.source, here.target, here.tables)
    with following(Pair(here.source, here.target, here.tables), task=job.task()) as stream:
        stream.catch_up()
    assert not here.differing()


def test_every_version_takes_only_what_fulfils_a_condition(here: Place) -> None:
    table = Table(name="shop.event", where="id < 100")
    ended(here.load(table))
    run(here.source, "UPDATE shop.event SET id = id + 50 WHERE id < 200")
    job = Job(here.stream, here.source, here.target, here.tables)
    with following(Pair(here.source, here.target, here.tables), task=job.task()) as stream:
        stream.catch_up()
    run(here.source, "DELETE FROM shop.event WHERE id >= 100")
    assert not here.differing()
