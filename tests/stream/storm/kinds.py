"""Tables of every kind, written to in every way that a log can tell."""

import string
import uuid

import psycopg

from tests.stream.storm.writing import Writer

TABLES = ("odd", 'sch."Töten d\'r"', "parted", "whole", "by_index", "swap")
_IDS = 400

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE odd (
    id int PRIMARY KEY, b bool, i2 smallint, i8 bigint, r4 real, r8 double precision, n numeric,
    t text, c char(5), by bytea, d date, ts timestamp, tst timestamptz, iv interval, u uuid,
    j json, jb jsonb, ip inet, p point, bi bit(3), tv tsvector, r int4range, ai int[], at text[],
    am mood[], mo mood, po positive, big text, twice int GENERATED ALWAYS AS (id * 2) STORED);
ALTER TABLE odd ALTER big SET STORAGE EXTERNAL;
CREATE SCHEMA sch;
CREATE TABLE sch."Töten d'r" (
    "Schlüssel ""x"" y" text, "select" int, "a b" text, "%s" text, big text,
    PRIMARY KEY ("Schlüssel ""x"" y", "select"));
ALTER TABLE sch."Töten d'r" ALTER big SET STORAGE EXTERNAL;
CREATE TABLE parted (id int, region text, v text, PRIMARY KEY (id, region))
    PARTITION BY LIST (region);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
CREATE TABLE whole (id int PRIMARY KEY, v text, big text);
ALTER TABLE whole REPLICA IDENTITY FULL; ALTER TABLE whole ALTER big SET STORAGE EXTERNAL;
CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL UNIQUE, v int);
ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code_key;
CREATE TABLE swap (id int PRIMARY KEY, place int UNIQUE DEFERRABLE, label text UNIQUE);
INSERT INTO swap SELECT g, g, 'l' || g FROM generate_series(1, 40) g;
CREATE TABLE done (id uuid PRIMARY KEY, writer int);
"""
# What was acknowledged is found by this table, which is followed like the others.
ALL_TABLES = (*TABLES, "done")


class Tinkerer(Writer):
    """Does a handful of things to tables of every kind, all in one transaction."""

    def write(self, session: psycopg.Connection[tuple[object, ...]]) -> str:
        name = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        acts = [
            self._odd, self._odd, self._quoted, self._parted,
            self._whole, self._by_index, self._swap,
        ]  # fmt: skip
        for act in self.random.choices(acts, k=self.random.randint(1, 6)):
            act(session)
        if self.random.random() < 0.004:
            session.execute("TRUNCATE whole")
        if self.random.random() < 0.01:
            session.execute(
                "UPDATE odd SET i8 = coalesce(i8, 0) + 1; UPDATE parted SET v = v || '.'"
                " WHERE length(v) < 20"
            )
        session.execute("INSERT INTO done VALUES (%s, %s)", [name, self.number])
        return name

    def _id(self) -> int:
        return self.random.randint(1, _IDS)

    def _text(self, longest: int = 12) -> str:
        letters = string.ascii_letters + "äß\"'\\{},% \n\t"
        return "".join(self.random.choices(letters, k=self.random.randint(0, longest)))

    def _big(self) -> str | None:
        return self.random.choice([None, "x" * 3000, self._text(20) * 300])

    def _odd(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        key = self._id()
        match self.random.randint(0, 5):
            case 0:
                session.execute("DELETE FROM odd WHERE id = %s", [key])
            case 1:
                session.execute("UPDATE odd SET i2 = %s WHERE id = %s", [key % 100, key])
            case 2:  # the key changes, and a large value does not
                session.execute(
                    "UPDATE odd SET id = %(to)s WHERE id = %(key)s"
                    " AND NOT EXISTS (SELECT FROM odd WHERE id = %(to)s)",
                    {"key": key, "to": self._id()},
                )
            case _:
                self._new_odd(session, key)

    def _new_odd(self, session: psycopg.Connection[tuple[object, ...]], key: int) -> None:
        session.execute(
            """INSERT INTO odd (id, b, i2, i8, r4, r8, n, t, c, by, d, ts, tst, iv, u, j, jb, ip, p,
                                bi, tv, r, ai, at, am, mo, po, big)
               SELECT %(key)s, k %% 2 = 0, k, k::int8 * 1000000007, k / 7.0, k / 3.0, round(k / 4.0, 2),
                      %(text)s, 'c' || k, decode(md5(k::text), 'hex'), date '2020-01-01' + k,
                      timestamp '2020-01-01' + k * interval '1 s', clock_timestamp(),
                      k * interval '1 min', md5(k::text)::uuid, json_build_object('k', k),
                      jsonb_build_object('k', k, 't', %(text)s::text), '10.0.0.1', point(k, k),
                      b'101', to_tsvector('simple', 'a b c'), int4range(k, k + 5),
                      ARRAY[[k, 1], [2, NULL]], ARRAY[%(text)s, NULL, ''], '{sad,ok}'::mood[],
                      'happy', k + 1, %(big)s
               FROM (SELECT %(key)s %% 300 AS k) x
               ON CONFLICT (id) DO UPDATE SET t = excluded.t, jb = NULL, mo = NULL, n = 'NaN'""",
            {"key": key, "text": self._text(), "big": self._big()},
        )

    def _quoted(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        key = [self.random.choice(["a", 'ß"', "c'"]), self.random.randint(1, 30)]
        if self.random.random() < 0.3:
            session.execute(
                """DELETE FROM sch."Töten d'r" WHERE "Schlüssel ""x"" y" = %s AND "select" = %s""",
                key,
            )
        else:
            session.execute(
                """INSERT INTO sch."Töten d'r" VALUES (%s, %s, %s, %s, %s)
                   ON CONFLICT ("Schlüssel ""x"" y", "select") DO UPDATE
                   SET "a b" = excluded."a b" """,
                [*key, self._text(), self._text(), self._big()],
            )

    def _parted(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        key, region = self._id(), self.random.choice("abc")
        match self.random.randint(0, 2):
            case 0:  # from one partition to another
                session.execute(
                    "UPDATE parted SET region = %(to)s WHERE id = %(key)s AND region = 'b'"
                    " AND NOT EXISTS (SELECT FROM parted WHERE (id, region) = (%(key)s, %(to)s))",
                    {"key": key, "to": region},
                )
            case 1:
                session.execute("DELETE FROM parted WHERE id = %s", [key])
            case _:
                session.execute(
                    "INSERT INTO parted VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    [key, region, self._text()],
                )

    def _whole(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        session.execute(
            "INSERT INTO whole VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET v = excluded.v",
            [self._id(), self._text(), self._big()],
        )
        if self.random.random() < 0.3:
            session.execute("DELETE FROM whole WHERE id = %s", [self._id()])

    def _by_index(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        key = self._id()
        session.execute(
            "INSERT INTO by_index VALUES (%s, %s, 0) ON CONFLICT DO NOTHING", [key, f"code {key}"]
        )
        session.execute(
            "UPDATE by_index SET code = %s, v = v + 1 WHERE id = %s",
            [f"code {key}{self.random.choice(['', ' new'])}", key],
        )
        if self.random.random() < 0.2:
            session.execute("DELETE FROM by_index WHERE id = %s", [self._id()])

    def _swap(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        """Exchange unique values between two rows: both kinds of unique constraint."""
        one, other = sorted(self.random.sample(range(1, 41), 2))
        session.execute(
            "SELECT FROM swap WHERE id IN (%s, %s) ORDER BY id FOR UPDATE", [one, other]
        )
        session.execute(
            "UPDATE swap SET place = CASE id WHEN %(a)s THEN b.p ELSE a.p END"
            " FROM (SELECT place AS p FROM swap WHERE id = %(a)s) a,"
            "      (SELECT place AS p FROM swap WHERE id = %(b)s) b WHERE id IN (%(a)s, %(b)s)",
            {"a": one, "b": other},
        )
        labels = session.execute(
            "SELECT label FROM swap WHERE id IN (%s, %s) ORDER BY id", [one, other]
        ).fetchall()
        session.execute("UPDATE swap SET label = %s WHERE id = %s", [f"free {self.number}", one])
        session.execute("UPDATE swap SET label = %s WHERE id = %s", [labels[0][0], other])
        session.execute("UPDATE swap SET label = %s WHERE id = %s", [labels[1][0], one])


WRITER = Tinkerer


def losses(url: str, acknowledged: set[str], doubtful: set[str]) -> list[str]:
    """Return which transactions are not there exactly once."""
    with psycopg.connect(url, autocommit=True) as session:
        there = {str(row[0]) for row in session.execute("SELECT id FROM done").fetchall()}
    return [f"transaction {name} is lost" for name in sorted(acknowledged - there)] + [
        f"transaction {name} came from nowhere" for name in sorted(there - acknowledged - doubtful)
    ]
