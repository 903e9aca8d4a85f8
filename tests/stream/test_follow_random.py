"""Random tables, mappings and changes: what the stream makes of them, and what the source has."""

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matapalo.blueprint import Table
from tests.stream.following import Pair, following, pair
from tests.stream.servers import fetch, run
from tests.support import examples

TYPES = {
    "int": "({n} % 5)",
    "text": "('t' || {n} % 4)",
    "numeric(9,2)": "({n} / 4.0)",
    "bool": "({n} % 2 = 0)",
    "int[]": "ARRAY[{n}, NULL]",
    "jsonb": "jsonb_build_object('n', {n} % 3)",
    "timestamptz": "(timestamptz '2024-01-01' + {n} * interval '1 day')",
    # Too large for its row, so that the log leaves it out where it does not change.
    "varchar": "(SELECT string_agg(md5(({n} * i)::text), '') FROM generate_series(1, 120) i)",
}
KEYS = range(1, 7)


@dataclass(frozen=True)
class Made:
    """A table: the types of its columns, how many are its key, and what is odd about it."""

    types: tuple[str, ...]
    key: int
    unique: bool
    full: bool
    renamed: bool
    omitted: bool
    where: str | None

    def create(self, name: str, *, target: bool) -> str:
        columns = [f"k{i} int" for i in range(self.key)]
        columns += [f"{self.column(i, target=target)} {type_}" for i, type_ in self.kept(target)]
        script = f"CREATE TABLE {name} ({', '.join(columns)}, u int, v int,"
        script += f" PRIMARY KEY ({', '.join(f'k{i}' for i in range(self.key))}));"
        if self.unique:
            script += f"CREATE UNIQUE INDEX ON {name} (u);"
        if self.full:
            script += f"ALTER TABLE {name} REPLICA IDENTITY FULL;"
        return script

    def kept(self, target: bool) -> Sequence[tuple[int, str]]:
        every = list(enumerate(self.types))
        return every[1:] if target and self.omitted else every

    def column(self, number: int, *, target: bool) -> str:
        return f"new {number}".join('""') if target and self.renamed else f"c{number}"

    def table(self, name: str) -> Table:
        words: dict[str, object] = {"name": name}
        if self.renamed:
            words["columns"] = {f"c{i}": f"new {i}" for i, _ in self.kept(target=True)}
        if self.omitted:
            words["omit"] = ["c0"]
        if self.where:
            words["where"] = self.where
        return Table.model_validate(words)

    def content(self, name: str, *, target: bool) -> str:
        columns = [f"k{i}" for i in range(self.key)]
        columns += [self.column(i, target=target) for i, _ in self.kept(target=True)]
        where = f" WHERE {self.where}" if self.where and not target else ""
        return f"SELECT ROW({', '.join(columns)}, u, v)::text FROM {name}{where} ORDER BY 1"

    def row(self, number: int) -> str:
        values = [TYPES[type_].format(n=number) for type_ in self.types]
        return ", ".join([*values, "NULL" if number % 3 == 0 else str(number % 9), str(number % 7)])

    def where_key(self, key: int) -> str:
        return " AND ".join(f"k{i} = {key if i == 0 else key % (i + 1)}" for i in range(self.key))

    def key_of(self, key: int) -> str:
        return ", ".join(str(key if i == 0 else key % (i + 1)) for i in range(self.key))


TABLES = st.builds(
    Made,
    types=st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=4).map(tuple),
    key=st.integers(1, 3),
    unique=st.booleans(),
    full=st.booleans(),
    renamed=st.booleans(),
    omitted=st.booleans(),
    where=st.sampled_from([None, None, "v < 4", "k0 > 2"]),
)
STEPS = st.one_of(
    st.tuples(st.just("insert"), st.sampled_from(KEYS), st.integers(0, 99)),
    st.tuples(st.just("insert"), st.sampled_from(KEYS), st.integers(0, 99)),
    st.tuples(st.just("delete"), st.sampled_from(KEYS), st.just(0)),
    st.tuples(st.just("change"), st.sampled_from(KEYS), st.integers(0, 99)),
    st.tuples(st.just("touch"), st.sampled_from(KEYS), st.integers(0, 99)),
    st.tuples(st.just("move"), st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.tuples(st.just("swap"), st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.tuples(st.just("every"), st.just(0), st.integers(0, 99)),
    st.tuples(st.just("truncate"), st.just(0), st.just(0)),
)
TRANSACTIONS = st.lists(st.lists(STEPS, max_size=8), max_size=8)
NUMBERS = itertools.count(1)


def statements(name: str, made: Made, step: tuple[str, int, int]) -> list[str]:
    """Return the SQL of one step."""
    kind, key, other = step
    here, there = made.where_key(key), made.where_key(other)
    number = made.row(other)
    columns = [f"c{i}" for i in range(len(made.types))] + ["u", "v"]
    match kind:
        case "insert":
            return [f"INSERT INTO {name} VALUES ({made.key_of(key)}, {number})"]
        case "delete":
            return [f"DELETE FROM {name} WHERE {here}"]
        case "change":
            return [f"UPDATE {name} SET ({', '.join(columns)}) = ROW({number}) WHERE {here}"]
        case "touch":
            return [f"UPDATE {name} SET v = {other % 7} WHERE {here}"]
        case "move":
            keys = zip(range(made.key), made.key_of(other).split(", "), strict=True)
            return [f"UPDATE {name} SET {', '.join(f'k{i} = {v}' for i, v in keys)} WHERE {here}"]
        case "swap":
            return [
                f"UPDATE {name} SET u = 1000 WHERE {here}",
                f"UPDATE {name} SET u = 2000 WHERE {there}",
                f"UPDATE {name} SET u = 7 WHERE u = 1000",
                f"UPDATE {name} SET u = 8 WHERE u = 2000",
            ]
        case "every":
            return [f"UPDATE {name} SET v = {other % 7} - v, k0 = k0"]
        case _:
            return [f"TRUNCATE {name}"]


@pytest.mark.hypothesis
def test_random_tables_mappings_and_changes(postgres: str) -> None:
    with pair(postgres, []) as ends:

        @settings(
            max_examples=examples(40),
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(TABLES, TRANSACTIONS, TRANSACTIONS)
        def agree(
            made: Made,
            before: list[list[tuple[str, int, int]]],
            during: list[list[tuple[str, int, int]]],
        ) -> None:
            name = f"t{next(NUMBERS)}"
            both = replace(ends, tables=(made.table(name),), name=name)
            run(both.source, made.create(name, target=False))
            run(both.target, made.create(name, target=True))
            try:
                both.begin()
                change(both, name, made, before)
                with following(both) as stream:
                    change(both, name, made, during)
                    stream.catch_up()
                    there = fetch(both.source, made.content(name, target=False))
                    assert fetch(both.target, made.content(name, target=True)) == there
                    assert stream.ended.conflicts == 0
            finally:
                both.drop()

        agree()


def change(
    both: Pair, name: str, made: Made, transactions: list[list[tuple[str, int, int]]]
) -> None:
    """Change the source; a statement that it refuses is as if it had not been."""
    with psycopg.connect(both.source, autocommit=True) as source:
        for steps in transactions:
            with source.transaction():
                for step in steps:
                    with suppress(psycopg.errors.UniqueViolation), source.transaction():
                        for statement in statements(name, made, step):
                            source.execute(statement.encode())
