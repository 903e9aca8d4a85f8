"""What preflight finds, on real servers and on facts that no test can wait for."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from matapalo.blueprint import Table
from matapalo.errors import PreflightFailed
from matapalo.stream.database import connect
from matapalo.stream.names import Stream
from matapalo.stream.preflight import Findings, Level, servers
from matapalo.stream.preflight.facts import Server as Facts
from matapalo.stream.preflight.facts import gather
from tests.stream.commands import Two, until
from tests.stream.loading import Place, place
from tests.stream.servers import Server, fetch, run, server

STREAM = Stream("load")


@pytest.fixture
def here(postgres: str) -> Iterator[Place]:
    with place(postgres) as two:
        run(two.source, "CREATE TABLE item (id int PRIMARY KEY, name text, price int)")
        yield two


def stops(found: Findings) -> str:
    return "\n".join(map(str, found.stops))


def told(found: Findings, level: Level) -> str:
    return "\n".join(str(finding) for finding in found.found if finding.level is level)


def test_what_is_well_has_nothing_to_mend(here: Place) -> None:
    assert not here.examine("item").stops


def test_nothing_is_changed_on_either_side(here: Place) -> None:
    everything = """SELECT relname FROM pg_class UNION ALL SELECT nspname FROM pg_namespace
                    UNION ALL SELECT pubname FROM pg_publication
                    UNION ALL SELECT slot_name FROM pg_replication_slots
                    WHERE database = current_database() ORDER BY 1"""
    before = [fetch(url, everything) for url in (here.source, here.target)]
    here.examine(Table(name="item", to="other.thing", where="id > 3"))
    assert [fetch(url, everything) for url in (here.source, here.target)] == before


@pytest.mark.parametrize(
    ("script", "tables", "expected"),
    [
        ("ALTER TABLE item DROP CONSTRAINT item_pkey", ("item",), "has no key"),
        ("ALTER TABLE item REPLICA IDENTITY NOTHING", ("item",), "REPLICA IDENTITY is NOTHING"),
        ("ALTER TABLE item SET UNLOGGED", ("item",), "not in the log (UNLOGGED)"),
        ("CREATE TABLE kid () INHERITS (item)", ("item",), "other tables inherit from it"),
        ("SELECT", ("itm",), "no table public.itm"),
        ("SELECT", (Table(name="item", where="nme = 'x'"),), 'column "nme" does not exist'),
        ("SELECT", (Table(name="item", where="price = 1"),), "its condition is not on the key"),
        ("SELECT", (Table(name="item", cast={"name": "nonsense"}),), '"nonsense" does not exist'),
        (
            "CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
            "ALTER TABLE item ADD CHECK (public.f(price) < 3)",
            ("item",),
            "could not make the table public.item",
        ),
    ],
)
def test_a_source_that_would_hurt_is_found(
    here: Place, script: str, tables: tuple[Table | str, ...], expected: str
) -> None:
    run(here.source, script)
    assert expected in stops(here.examine(*tables))


@pytest.mark.parametrize(
    ("script", "level", "expected"),
    [
        ("INSERT INTO item VALUES (1)", Level.STOP, "it has rows already"),
        ("ALTER TABLE item DROP COLUMN price", Level.STOP, "has no column `price`"),
        ("ALTER TABLE item ADD more int NOT NULL", Level.STOP, "nothing fills `more`"),
        ("ALTER TABLE item ALTER price TYPE date USING NULL", Level.STOP, "say so in `cast`"),
        (
            "CREATE RULE r AS ON INSERT TO item DO INSTEAD NOTHING",
            Level.STOP,
            "rules rewrite what is put into it",
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER t BEFORE INSERT ON item EXECUTE FUNCTION f();"
            "ALTER TABLE item ENABLE ALWAYS TRIGGER t",
            Level.WARN,
            "1 triggers fire for replicated rows too",
        ),
    ],
)
def test_a_target_that_would_hurt_is_found(
    here: Place, script: str, level: Level, expected: str
) -> None:
    run(here.target, "CREATE TABLE item (id int PRIMARY KEY, name text, price int)")
    run(here.target, script)
    assert expected in told(here.examine("item"), level)


def test_what_cannot_come_back_and_what_is_left_behind_is_told(here: Place) -> None:
    run(here.source, "ALTER TABLE item ALTER name SET NOT NULL; CREATE INDEX ON item (name)")
    found = here.examine(Table(name="item", omit=("name",)))
    assert not found.stops
    assert "`name` of public.item stays behind" in told(found, Level.WARN)
    assert "new tables do not get the index item_name_idx" in told(found, Level.NOTE)


def test_what_has_to_be_mended_is_raised_with_what_to_do(here: Place) -> None:
    run(here.source, "ALTER TABLE item SET UNLOGGED")
    with pytest.raises(PreflightFailed, match="UNLOGGED") as failed:
        here.examine("item").check()
    assert "SET LOGGED" in failed.value.hint


def test_a_trial_does_not_wait_for_the_application(here: Place) -> None:
    with psycopg.connect(here.source) as busy:
        busy.execute("LOCK TABLE item IN SHARE ROW EXCLUSIVE MODE")
        assert "lock timeout" in stops(here.examine("item"))


@pytest.fixture(scope="module")
def meagre() -> Iterator[Server]:
    """Give a server that was not made for streams."""
    settings = {
        "wal_level": "replica",
        "max_replication_slots": "0",
        "max_wal_senders": "0",
        "max_prepared_transactions": "2",
    }
    with server(settings=settings) as one:
        yield one


def test_a_server_that_was_not_made_for_streams_is_found(here: Place, meagre: Server) -> None:
    run(meagre.url, "CREATE TABLE item (id int PRIMARY KEY)")
    with psycopg.connect(meagre.url) as connection:
        connection.execute("INSERT INTO item VALUES (1)")
        connection.execute("PREPARE TRANSACTION 'forgotten'")
    found = Place(meagre.url, here.target).examine("item")
    for expected in (
        "wal_level is replica",
        "all 0 slots are in use",
        "all 0 senders are in use",
        "1 prepared transactions are open",
    ):
        assert expected in stops(found)
    back = Place(here.source, meagre.url).examine("item")
    assert "no reverse stream can run from here: wal_level is not logical" in told(back, Level.WARN)


@pytest.fixture
def facts(here: Place) -> Facts:
    with connect(here.source) as source:
        return gather(source, STREAM, []).server


def judged(facts: Facts, *, resumed: bool = False) -> str:
    return "\n".join(map(str, servers.of_source(facts, STREAM, resumed=resumed)))


def test_facts_that_no_test_can_wait_for_are_judged(facts: Facts) -> None:
    assert "PostgreSQL 13 is too old" in judged(replace(facts, version=130011))
    assert "PostgreSQL 19 is newer" in judged(replace(facts, version=190000))
    assert "it is a standby" in judged(replace(facts, standby=True))
    assert "open since 300 s" in judged(replace(facts, longest=300.0))
    assert "unlimited" in judged(replace(facts, keeps=None))
    hungry = replace(facts, keeps=1 << 30, log_rate=float(1 << 20))
    assert "lost after 17 minutes" in judged(hungry)
    assert "lost after" not in judged(replace(hungry, log_rate=None))
    left = replace(facts, slot_there=True)
    assert "no load that it belongs to" in judged(left)
    assert "no load that it belongs to" not in judged(left, resumed=True)


def test_clocks_are_held_against_each_other(here: Place) -> None:
    with connect(here.source) as source:
        side = gather(source, STREAM, [])
    late = replace(side, ahead=side.ahead - 30)
    assert "30.0 s apart" in "\n".join(map(str, servers.of_both(side, late)))
    assert not [f for f in servers.of_both(side, side) if "clock" in f.what]
    unsure = replace(late, unsure=60.0)
    assert not [f for f in servers.of_both(side, unsure) if "source and target" in f.what]


# Rights: exactly those that are needed, and each of them in turn left out.

RIGHTS_AT_SOURCE = {
    "ALTER ROLE mover REPLICATION": "the role may not replicate",
    "GRANT owner TO mover": "the role does not own it",
    "GRANT CREATE ON DATABASE postgres TO mover": "its tables cannot be published",
}
RIGHTS_AT_TARGET = {
    "GRANT CREATE ON DATABASE postgres TO mover": "the role may not make the schema `matapalo`",
    "GRANT CREATE, USAGE ON SCHEMA public TO mover": "could not make the table public.item",
    "GRANT TEMPORARY ON DATABASE postgres TO mover": "the role may not make temporary tables",
}
TO_REST = "GRANT SET ON PARAMETER session_replication_role TO mover"
ROLES = """
CREATE ROLE owner; CREATE ROLE mover LOGIN;
REVOKE ALL ON DATABASE postgres FROM PUBLIC; GRANT CONNECT ON DATABASE postgres TO mover;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
"""
OWNED = """
CREATE TABLE item (id int PRIMARY KEY, name text, other int REFERENCES item);
ALTER TABLE item OWNER TO owner; GRANT USAGE ON SCHEMA public TO mover, owner;
INSERT INTO item SELECT i, 'n' || i, nullif(i - 1, 0) FROM generate_series(1, 100) AS i;
"""
FOREIGN_KEYS = "SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = 'item'::regclass"


@pytest.fixture
def strict() -> Iterator[Place]:
    """Give two servers on which a role has no right but to connect."""
    with server() as source, server() as target:
        run(source.url, ROLES + OWNED)
        run(target.url, ROLES)
        yield Place(source.url, target.url)


def as_mover(place_: Place) -> Place:
    source, target = (url.replace("postgres@", "mover@") for url in (place_.source, place_.target))
    return Place(source, target, place_.tables)


def test_the_rights_that_are_listed_are_enough(strict: Place) -> None:
    for right in RIGHTS_AT_SOURCE:
        run(strict.source, right)
    for right in (*RIGHTS_AT_TARGET, TO_REST):
        run(strict.target, right)
    mover = as_mover(strict)
    assert not stops(mover.examine("item"))
    mover.load("item")
    assert not mover.differing()
    assert fetch(strict.target, FOREIGN_KEYS)


RIGHTS_FOR_THE_WAY_BACK = {
    "source": ("GRANT TEMPORARY ON DATABASE postgres TO mover", TO_REST),
    "target": ("ALTER ROLE mover REPLICATION",),
}


def test_the_rights_that_are_listed_are_enough_for_a_way_there_and_back(strict: Place) -> None:
    for right in (*RIGHTS_AT_SOURCE, *RIGHTS_FOR_THE_WAY_BACK["source"]):
        run(strict.source, right)
    for right in (*RIGHTS_AT_TARGET, TO_REST, *RIGHTS_FOR_THE_WAY_BACK["target"]):
        run(strict.target, right)
    mover = as_mover(strict)
    ends = Two(mover.source, mover.target)
    ends.matapalo("preflight", "go", "-t", "item")
    ends.matapalo("load", "go", "-t", "item")
    ends.matapalo("guard", "go", "--close", "target", "--owner", "the monolith")
    with ends.following("go"), ends.following("go", "--reverse"):
        run(strict.source, "UPDATE item SET name = 'there'")
        until(
            lambda: {row[0] for row in fetch(strict.target, "SELECT name FROM item")} == {"there"}
        )
        assert ends.json("verify", "go")["equal"]
        until(lambda: len([s for s in ends.json("status") if s["running"]]) == 2)
        ends.matapalo("guard", "go", "--close", "source", "--owner", "the new side")
        ends.matapalo("guard", "go", "--open", "target")
        run(strict.target, "UPDATE item SET name = 'back'")
        until(lambda: {row[0] for row in fetch(strict.source, "SELECT name FROM item")} == {"back"})
        assert ends.json("verify", "go", "--reverse")["equal"]
    assert [s["conflicts"] for s in ends.json("status")] == [0, 0]
    ends.matapalo("drop", "go", "--yes")
    for url in (strict.source, strict.target):
        assert not fetch(url, "SELECT FROM pg_namespace WHERE nspname = 'matapalo'")
        assert not fetch(url, "SELECT FROM pg_replication_slots")


def test_without_the_right_to_rest_them_no_foreign_keys_are_made(strict: Place) -> None:
    for right in RIGHTS_AT_SOURCE:
        run(strict.source, right)
    for right in RIGHTS_AT_TARGET:
        run(strict.target, right)
    mover = as_mover(strict)
    found = mover.examine("item")
    assert not stops(found)
    assert "may not make triggers and foreign keys rest" in told(found, Level.WARN)
    mover.load("item")
    assert not mover.differing()
    assert not fetch(strict.target, FOREIGN_KEYS)


def test_each_right_that_is_missing_is_found(strict: Place) -> None:
    for right in (*RIGHTS_AT_SOURCE, *RIGHTS_AT_TARGET):
        at_source = right in RIGHTS_AT_SOURCE and right not in RIGHTS_AT_TARGET
        _grant_all_but(strict, right, at_source=at_source)
        expected = (RIGHTS_AT_SOURCE if at_source else RIGHTS_AT_TARGET)[right]
        assert expected in stops(as_mover(strict).examine("item")), right


def _grant_all_but(strict: Place, missing: str, *, at_source: bool) -> None:
    for url, rights, here in (
        (strict.source, RIGHTS_AT_SOURCE, at_source),
        (strict.target, RIGHTS_AT_TARGET, not at_source),
    ):
        for right in rights:
            run(url, _taken(right) if here and right == missing else right)


def _taken(right: str) -> str:
    """Return what takes a right away."""
    words = right.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")
    return words.replace("REPLICATION", "NOREPLICATION")


def test_a_policy_that_hides_rows_is_found(strict: Place) -> None:
    for right in RIGHTS_AT_SOURCE:
        run(strict.source, right)
    for right in RIGHTS_AT_TARGET:
        run(strict.target, right)
    run(strict.source, "ALTER TABLE item FORCE ROW LEVEL SECURITY, ENABLE ROW LEVEL SECURITY")
    assert "a policy hides rows from the role" in stops(as_mover(strict).examine("item"))
