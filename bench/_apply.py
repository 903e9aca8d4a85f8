"""Applying a backlog: ours at two sizes of batch, and PostgreSQL's own subscription."""

from dataclasses import asdict, dataclass

import psycopg

from bench._stream import (
    Ends,
    ask,
    begin_native,
    follower,
    native,
    processor_seconds,
    seconds_until,
    work,
)

Connection = psycopg.Connection[tuple[object, ...]]

ROUNDS = 60_000
GOALS = {"20k": 1.0, "5k": 0.9}


@dataclass(frozen=True)
class Cost:
    """What it took to take a backlog in: seconds of the clock, and of processors."""

    seconds: float
    sender: float
    writer: float
    """The target's process."""
    between: float = 0
    """Ours."""


def measure(ends: Ends, rounds: int = ROUNDS, turns: int = 2) -> dict[str, object]:
    """Let each take the same kind of backlog in, in turns; return rows a second and the ratios."""
    rows = rounds * 4 + rounds // 4 * 3
    costs: dict[str, list[Cost]] = {"native": [], "20k": [], "5k": []}
    for _ in range(turns):
        costs["native"].append(_native(ends, rounds))
        costs["20k"].append(_ours(ends, rounds, 20_000))
        costs["5k"].append(_ours(ends, rounds, 5_000))
    best = {name: min(cost.seconds for cost in some) for name, some in costs.items()}
    return {
        "rows": rows,
        "rows a second": {name: round(rows / seconds) for name, seconds in best.items()},
        "ratio": {name: round(best["native"] / best[name], 2) for name in GOALS},
        "goal": GOALS,
        "microseconds of processor a row": {
            name: [_per_row(cost, rows) for cost in some] for name, some in costs.items()
        },
    }


def _per_row(cost: Cost, rows: int) -> dict[str, float]:
    return {
        part: round(seconds / rows * 1e6, 1) for part, seconds in asdict(cost).items() if seconds
    }


def _backlog(ends: Ends, rounds: int) -> str:
    """Make the backlog, and return how it ends: a text that the last change writes."""
    work(ends.pair.source, rounds)
    ask(
        ends.pair.source, "UPDATE customers SET name = 'last ' || pg_current_wal_lsn() WHERE id = 1"
    )
    return str(ask(ends.pair.source, "SELECT name FROM customers WHERE id = 1")[0][0])


def _until(ends: Ends, last: str, writer: str, between: int | None = None) -> Cost:
    """Return what it takes from the first change that arrives to the last."""
    with psycopg.connect(ends.pair.target, autocommit=True) as looking:
        return _watched(ends, looking, last, writer, between)


def _watched(ends: Ends, looking: Connection, last: str, writer: str, between: int | None) -> Cost:
    first = "SELECT count(*) FROM movements WHERE id > 1000000"
    name = "SELECT name FROM customers WHERE id = 1"
    start = looking.execute(first.encode()).fetchone()
    seconds_until(lambda: looking.execute(first.encode()).fetchone() != start)
    sender = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender'"
    pids = [ask(ends.pair.source, sender)[0][0], ask(ends.pair.target, writer)[0][0]]
    pids += [between] if between else []
    before = [processor_seconds(pid) for pid in pids]
    seconds = seconds_until(lambda: looking.execute(name.encode()).fetchone() == (last,))
    used = [processor_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
    return Cost(seconds, *used)


def _native(ends: Ends, rounds: int) -> Cost:
    begin_native(ends)
    last = _backlog(ends, rounds)
    with native(ends):
        return _until(ends, last, "SELECT pid FROM pg_stat_subscription WHERE subname = 'native'")


def _ours(ends: Ends, rounds: int, batch: int) -> Cost:
    ends.pair.begin()
    last = _backlog(ends, rounds)
    writer = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'matapalo%forward'"
    with follower(ends, batch) as process:
        cost = _until(ends, last, writer, process.pid)
    ends.pair.drop()
    return cost
