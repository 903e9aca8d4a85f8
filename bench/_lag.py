"""Lag: how old what can be read from the target is, while a source commits at a steady rate."""

import statistics
import threading
import time

import psycopg

from bench._stream import Ends, ask, begin_native, follower, native, seconds_until

RATE = 2_000
GOAL = 100.0
"""Milliseconds, of which 99 in 100 looks have to see less."""
_LOOK = 0.005
_WARM = 2.0


def measure(ends: Ends, seconds: int = 20) -> dict[str, object]:
    """Let a stream and a subscription follow the same load, one after the other."""
    ends.pair.begin()
    with follower(ends):
        ours = _watched(ends, seconds)
    ends.pair.drop()
    begin_native(ends)
    with native(ends):
        theirs = _watched(ends, seconds)
    return {
        "transactions a second": RATE,
        "milliseconds": {"ours": ours, "native": theirs},
        "goal p99": GOAL,
    }


def _watched(ends: Ends, seconds: int) -> dict[str, float]:
    _until_current(ends)
    load = threading.Thread(
        target=ask, args=(ends.pair.source, f"CALL paced({RATE}, {seconds})"), daemon=True
    )
    seen: list[float] = []
    rows = _count(ends)
    start = time.monotonic()
    load.start()
    with psycopg.connect(ends.pair.target, autocommit=True) as looking:
        while load.is_alive():
            row = looking.execute("SELECT clock_timestamp() - at FROM tick").fetchone()
            # The last moment counts only while something is still committed.
            if row and load.is_alive() and time.monotonic() - start > _WARM:
                seen.append(row[0].total_seconds() * 1000)
            time.sleep(_LOOK)
    load.join()
    took = time.monotonic() - start
    seen.sort()
    return {
        "p50": round(statistics.median(seen), 1),
        "p99": round(seen[int(len(seen) * 0.99)], 1),
        "max": round(seen[-1], 1),
        "looks": len(seen),
        "committed a second": round((_count(ends) - rows) / took),
    }


def _count(ends: Ends) -> int:
    return int(str(ask(ends.pair.source, "SELECT last_value FROM movements_id_seq")[0][0]))


def _until_current(ends: Ends) -> None:
    ask(ends.pair.source, "UPDATE tick SET at = clock_timestamp()")
    at = ask(ends.pair.source, "SELECT at FROM tick")
    seconds_until(lambda: ask(ends.pair.target, "SELECT at FROM tick") == at)
