"""Memory: the most that a stream holds while a single huge transaction passes through it."""

from pathlib import Path

from bench._stream import Ends, ask, follower, seconds_until

ROWS = 2_000_000
GOAL = 150
"""Megabytes."""


def measure(ends: Ends, rows: int = ROWS) -> dict[str, object]:
    """Insert rows in one transaction, and follow it."""
    ends.pair.begin()
    with follower(ends) as process:
        idle = _after(ends, process.pid, "UPDATE tick SET at = clock_timestamp()")
        ask(
            ends.pair.source,
            "BEGIN; INSERT INTO movements (account_id, tx_id, amount, kind, created_at, meta, note)"
            " SELECT g % 100000, gen_random_uuid(), 1, 'fee', now(), '{\"ch\": 1}', 'bulk ' || g"
            f" FROM generate_series(1, {rows}) g; UPDATE tick SET at = clock_timestamp(); COMMIT",
        )
        most = _after(ends, process.pid, "UPDATE tick SET at = clock_timestamp()")
    ends.pair.drop()
    return {"rows": rows, "megabytes": {"before": idle, "most": most}, "goal": GOAL}


def _after(ends: Ends, pid: int, statement: str) -> int:
    """Run a statement, wait until the target has it, and return the process's most so far."""
    ask(ends.pair.source, statement)
    at = ask(ends.pair.source, "SELECT at FROM tick")
    seconds_until(lambda: ask(ends.pair.target, "SELECT at FROM tick") == at)
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) // 1024
