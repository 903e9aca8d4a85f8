"""Copying a table: ours with one and with two jobs, and `psql` COPY piped into `psql` COPY."""

import resource
import statistics
import subprocess
import time
from dataclasses import dataclass

from bench._stream import Ends, ask
from matapalo.blueprint import Table
from matapalo.stream.database import connect
from matapalo.stream.load import Copied, Doing, Order, Progress, load
from matapalo.stream.names import Stream
from tests.stream import versions

ROWS = 2_000_000
GOAL = 0.85
_PSQL = versions.found()[17] / "psql"
_TABLE = """
DROP TABLE IF EXISTS movements CASCADE;
DROP SCHEMA IF EXISTS matapalo CASCADE;
CREATE TABLE movements (id bigint PRIMARY KEY, account_id bigint NOT NULL, tx_id uuid NOT NULL,
    amount numeric(18,2) NOT NULL, kind kind_t NOT NULL, created_at timestamptz NOT NULL,
    meta jsonb, note text, sig bytea, reversed bool NOT NULL, tags text[]);
"""
_ROWS = """
INSERT INTO movements SELECT g, g % 100000 + 1, md5(g::text)::uuid, g % 1000, 'fee',
    timestamptz '2024-01-01' + g * interval '1 s', jsonb_build_object('ch', 'app', 'k', g % 7),
    CASE WHEN g % 3 = 0 THEN 'p2p ' || g END, '\\x00112233445566778899aabbccddeeff',
    g % 50 = 0, ARRAY['p2p', 't' || g % 10] FROM generate_series(1, {}) g;
VACUUM ANALYZE movements;
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock, and of processors besides those of the servers."""

    seconds: float
    own: float
    whole: float
    """Ours: with the snapshot, the target's table, and statistics."""


def measure(both: Ends, rows: int = ROWS, turns: int = 3) -> dict[str, object]:
    """Let each copy the same table, in turns; return rows a second and ratios to `psql`."""
    ask(both.pair.source, _TABLE)
    for statement in _ROWS.format(rows).split(";\n")[:-1]:
        ask(both.pair.source, statement)
    costs: dict[str, list[Cost]] = {"psql": [], "1 job": [], "2 jobs": []}
    for _ in range(turns):
        costs["psql"].append(_psql(both, rows))
        costs["1 job"].append(_ours(both, rows, 1))
        costs["2 jobs"].append(_ours(both, rows, 2))
    middle = {name: statistics.median(c.seconds for c in some) for name, some in costs.items()}
    return {
        "rows": rows,
        "rows a second": {name: round(rows / seconds) for name, seconds in middle.items()},
        "ratio": {
            name: round(middle["psql"] / middle[name], 2) for name in costs if name != "psql"
        },
        "goal": {"1 job": GOAL},
        "microseconds of own processor a row": {
            name: round(min(c.own for c in some) / rows * 1e6, 2) for name, some in costs.items()
        },
        "seconds with snapshot, table and statistics": {
            name: round(statistics.median(c.whole for c in some), 1)
            for name, some in costs.items()
            if name != "psql"
        },
    }


def _fresh(both: Ends) -> None:
    ask(both.pair.target, _TABLE)
    for url in (both.pair.target, both.pair.source):
        ask(url, "CHECKPOINT")


def _psql(both: Ends, rows: int) -> Cost:
    _fresh(both)
    start, before = time.monotonic(), _children()
    out = subprocess.Popen(
        [_PSQL, both.pair.source, "-qc", "COPY movements TO STDOUT (FORMAT binary)"],
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        [_PSQL, both.pair.target, "-qc", "COPY movements FROM STDIN (FORMAT binary)"],
        stdin=out.stdout,
        check=True,
    )
    assert out.wait() == 0
    seconds = time.monotonic() - start
    assert ask(both.pair.target, "SELECT count(*) FROM movements") == [(rows,)]
    return Cost(seconds, _children() - before, seconds)


def _ours(both: Ends, rows: int, jobs: int) -> Cost:
    _fresh(both)
    order = Order(
        Stream("bench-load"),
        both.pair.source,
        both.pair.target,
        [Table(name="movements")],
        jobs=jobs,
    )
    begun = start = time.monotonic()
    copied, processor = 0.0, time.process_time()
    for event in load(order):
        if isinstance(event, Doing) and event.what.startswith("copying"):
            start, processor = time.monotonic(), time.process_time()
        elif isinstance(event, Progress):
            copied, own = time.monotonic() - start, time.process_time() - processor
    assert isinstance(event, Copied)
    whole = time.monotonic() - begun
    with connect(both.pair.source) as source:
        source.execute("SELECT pg_drop_replication_slot('matapalo_bench_load_forward')")
        source.execute("DROP PUBLICATION matapalo_bench_load_forward")
    assert ask(both.pair.target, "SELECT count(*) FROM movements") == [(rows,)]
    return Cost(copied, own, whole)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
