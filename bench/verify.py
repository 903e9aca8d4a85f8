"""How fast two databases are compared, against reladiff over the same tables and columns.

    python bench/verify.py [--rows N] [--rounds N]

Two servers hold a table like a wallet's movements: numbers, times, text, JSON, an enum, an array.
It is compared where both sides are the same, where 100 rows spread over the table differ, and where
the key is a text. Both programs take turns, so that whatever else the machine does meets both.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the servers are those of the tests

from matapalo.blueprint import Table  # noqa: E402 - after the path
from matapalo.stream.catalog import shapes  # noqa: E402
from matapalo.stream.database import connect  # noqa: E402
from matapalo.stream.mapping import Flow, map_tables  # noqa: E402
from matapalo.stream.shape import Name  # noqa: E402
from matapalo.stream.verify import Compared, Comparison, Side  # noqa: E402
from tests.stream.servers import database, run, server  # noqa: E402

RESULT = ROOT / "bench" / "results" / "verify.json"
GOAL = 1.5
COLUMNS = (
    "account_id", "tx_id", "amount", "kind", "created_at",
    "meta", "note", "sig", "reversed", "tags",
)  # fmt: skip
DIFFERENT = 100

SCHEMA = """
CREATE TYPE kind_t AS ENUM ('deposit', 'withdraw', 'transfer_in', 'transfer_out', 'fee');
CREATE TABLE movements (id bigint PRIMARY KEY, account_id bigint NOT NULL, tx_id uuid NOT NULL,
    amount numeric(18,2) NOT NULL, kind kind_t NOT NULL, created_at timestamptz NOT NULL,
    meta jsonb, note text, sig bytea, reversed bool NOT NULL, tags text[]);
INSERT INTO movements SELECT g, g::bigint * 7919 % 200000, md5(g::text)::uuid, g % 100000 / 100.0,
    'fee', timestamptz '2024-01-01' + g * interval '1 second', '{{"ch": "app", "k": "1"}}',
    'p2p ' || g, '\\x00112233445566778899aabbccddeeff', g % 7 = 0, ARRAY['p2p']
    FROM generate_series(1, {rows}) g;
CREATE TABLE by_text AS SELECT 'key-' || md5(id::text) AS code, movements.* FROM movements;
ALTER TABLE by_text DROP COLUMN id, ADD PRIMARY KEY (code);
"""


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with _databases(given.rows) as (one, other):
        seen = {
            "equal": _measure(one, other, "movements", "id", given.rounds),
            "text key": _measure(one, other, "by_text", "code", given.rounds),
        }
        step = given.rows // DIFFERENT
        run(other, f"UPDATE movements SET amount = amount + 1 WHERE id % {step} = 0")
        seen["100 rows differ"] = _measure(one, other, "movements", "id", given.rounds)
    result = {name: _summary(times, given.rows) for name, times in seen.items()}
    _print(result)
    about = {"machine": platform.platform(), "cores": os.cpu_count(), **vars(given)}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({**about, "cases": result}, indent=2) + "\n")


@contextmanager
def _databases(rows: int) -> Iterator[tuple[str, str]]:
    with server() as one, server() as other:
        urls = database(one.url, "one"), database(other.url, "other")
        for url in urls:
            run(url, SCHEMA.format(rows=rows))
            run(url, "VACUUM ANALYZE")
        yield urls


def _measure(one: str, other: str, table: str, key: str, rounds: int) -> dict[str, list[float]]:
    flow = _flow(one, other, table)
    turns: dict[str, Callable[[], object]] = {
        "matapalo": lambda: _matapalo(flow, one, other),
        "reladiff": lambda: _reladiff(one, other, table, key),
    }
    seen: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, compare in turns.items():
            began = time.monotonic()
            compare()
            seen[name].append(time.monotonic() - began)
    return seen


def _flow(one: str, other: str, table: str) -> Flow:
    name = Name("public", table)
    with connect(one) as source, connect(other) as target:
        (flow,) = map_tables([Table(name=table)], shapes(source, [name]), shapes(target, [name]))
    return flow


def _matapalo(flow: Flow, one: str, other: str) -> Compared:
    with Side(one) as source, Side(other) as target:
        return Comparison(flow, source, target).run()


def _reladiff(one: str, other: str, table: str, key: str) -> None:
    program = shutil.which("reladiff", path=str(Path(sys.executable).parent))
    if program is None:
        raise SystemExit("reladiff is not installed: it comes with the extra `dev`")
    columns = [word for column in COLUMNS for word in ("-c", column)]
    done = subprocess.run(
        [program, one, table, other, table, "-k", key, *columns, "--json"],
        check=True,
        capture_output=True,
    )
    if b"ERROR" in done.stderr:  # it exits with 0 all the same
        raise SystemExit(f"reladiff failed: {done.stderr.decode()}")


def _summary(times: dict[str, list[float]], rows: int) -> dict[str, float]:
    middle = {name: statistics.median(values) for name, values in times.items()}
    return {
        **{f"{name} s": round(seconds, 3) for name, seconds in middle.items()},
        **{f"{name} rows/s": round(rows / seconds) for name, seconds in middle.items()},
        "ratio": round(middle["reladiff"] / middle["matapalo"], 2),
    }


def _print(result: dict[str, dict[str, float]]) -> None:
    for name, told in result.items():
        print(
            f"{name:16} matapalo {told['matapalo rows/s']:9,.0f} rows/s"
            f"   reladiff {told['reladiff rows/s']:9,.0f} rows/s   ratio {told['ratio']:.2f}"
        )
    worst = min(told["ratio"] for told in result.values())
    verdict = "met" if worst >= GOAL else "MISSED"
    print(f"goal: at least {GOAL} x reladiff: {verdict} ({worst:.2f} at worst)")


if __name__ == "__main__":
    main()
