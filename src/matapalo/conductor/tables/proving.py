"""What must hold before writes may be made to wait, and whatever takes time: done beforehand.

streams both ways ▸ guards on both sides ▸ a heartbeat through each ▸ no writer that is long at it
▸ sequences of the other side as far as the owner's, which the fence repeats when nobody writes
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from matapalo.conductor.data import Side
from matapalo.conductor.tables import turns
from matapalo.conductor.tables.desk import Sessions
from matapalo.conductor.tables.ends import Ends, source_of, target_of
from matapalo.errors import (
    DatabaseRefused,
    DatabaseSilent,
    StreamError,
    SwitchUnready,
    UnknownStream,
)
from matapalo.stream import catalog, control, guard, health, progress, reverse, sequences
from matapalo.stream.database import Connection, answers
from matapalo.stream.job import Job
from matapalo.stream.locking import parted, relations
from matapalo.stream.process import LOST, identity
from matapalo.stream.sequences import Pair
from matapalo.stream.shape import Name

LONG = 1.0
"""A transaction that has written and is older, in seconds, could keep writes waiting."""
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class _Time:
    """How long it may take."""

    within: float
    ends: float

    @property
    def left(self) -> float:
        return max(0.1, self.ends - time.monotonic())


def prove(sessions: Sessions[Side], ends: Ends, owner: Side, within: float) -> Sequence[Pair]:
    """See that a switch can be begun; return the sequences to level in it. Raises SwitchUnready."""
    clock = _Time(within, time.monotonic() + within)
    with _unready(ends):
        _check_the_other_is_closed(sessions, ends, owner)
        _begin_way_back(sessions, ends, owner, clock)
        _run_both_ways(sessions, ends)
        for side in Side:
            _put_guard(sessions[side], ends, side, clock)
            turns.install(sessions[side])
        for job in ends.jobs():
            _hear(sessions, job, clock)
        _no_long_writer(sessions[owner], ends, owner, clock)
        found = numbered(sessions, ends, owner)
        sequences.level(sessions[owner], sessions[owner.other], found)
    return found


def numbered(sessions: Sessions[Side], ends: Ends, owner: Side) -> Sequence[Pair]:
    """Return the sequences that both sides number rows by."""
    job, source, target = ends.away(owner), sessions[owner], sessions[owner.other]
    flows = job.flows(catalog.shapes(source, job.sources), catalog.shapes(target, job.targets))
    return tuple(dict.fromkeys(sequences.pairs(source, target, flows)))


def _check_the_other_is_closed(sessions: Sessions[Side], ends: Ends, owner: Side) -> None:
    """See that nobody but the stream writes to the other side."""
    session, other = sessions[owner.other], owner.other
    with answers(session):
        doors = guard.standing(session, ends.tables(other)).values()
    if not all(door and door.closed for door in doors):
        raise SwitchUnready(
            f"tables of the {other} side are not closed, while the {owner} owns them",
            hint="Whoever opened them may have written there: compare both sides, and close them"
            " by `matapalo stream guard`.",
        )


def _begin_way_back(sessions: Sessions[Side], ends: Ends, owner: Side, clock: _Time) -> None:
    """Begin the reverse stream, the first time that writes are to go over.

    One that was lost begins anew while the monolith owns: nothing is left to bring back then.
    """
    job, target = ends.reverse, sessions[Side.MONOLITH]
    known = next((e for e in control.entries(target) if e.stream == job.stream.on_server), None)
    if owner is Side.NEW:
        progress.read(target, job.stream)
        return
    if known and known.phase == LOST:
        progress.forget(target, job.stream)
    reverse.begin(replace(job, new=_impatient(job.new, clock.left)))


def _run_both_ways(sessions: Sessions[Side], ends: Ends) -> None:
    """Have both streams wanted."""
    for job in ends.jobs():
        target = sessions[target_of(job)]
        control.install(target)
        source = identity(sessions[source_of(job)])
        control.want(target, job.stream, source=source, tables=job.tables)
        progress.tidy(target, job.stream)


def _put_guard(session: Connection, ends: Ends, side: Side, clock: _Time) -> None:
    """Put a guard on the tables, open or as it is, unless the right one is there."""
    tables, wanted = ends.tables(side), ends.guard(side)
    with answers(session):
        guard.install(session)
        doors = guard.standing(session, tables).values()
        if not all(door and door.guard == wanted for door in doors):
            guard.prepare(session, tables, wanted, clock.left)


def _hear(sessions: Sessions[Side], job: Job, clock: _Time) -> None:
    """Send a heartbeat, and wait until it is on the other side."""
    source, target = sessions[source_of(job)], sessions[target_of(job)]
    sent = _now(source)
    health.beat(source)
    while (heard := _heard(target, job)) is None or heard < sent:
        if clock.ends < time.monotonic():
            raise SwitchUnready(
                f"no heartbeat came through {job.stream} within {clock.within:g} s",
                hint=_how_it_is(target, job),
            )
        time.sleep(_POLL)


def _now(session: Connection) -> datetime:
    with answers(session):
        row = session.execute("SELECT clock_timestamp()").fetchone()
    now: datetime = row[0] if row else datetime.now(UTC)
    return now


def _heard(target: Connection, job: Job) -> datetime | None:
    with answers(target):
        row = target.execute(
            "SELECT heartbeat_at FROM matapalo.stream WHERE stream = %s", [job.stream.on_server]
        ).fetchone()
    return row[0] if row else None


def _how_it_is(target: Connection, job: Job) -> str:
    try:
        entry = control.entry(target, job.stream)
    except UnknownStream as unknown:
        return unknown.what
    if entry.trouble:
        return entry.trouble
    return f"It is {entry.phase}." if entry.running else "Its process does not run."


def _no_long_writer(session: Connection, ends: Ends, side: Side, clock: _Time) -> None:
    while found := long_writers(session, ends.tables(side)):
        if clock.ends < time.monotonic():
            raise SwitchUnready(
                f"transactions that have written are open for more than {LONG:g} s:"
                f" {', '.join(found)}",
                hint="Writes would have to wait for them: end them, or try again later.",
            )
        time.sleep(_POLL)


def long_writers(session: Connection, tables: Sequence[Name]) -> list[str]:
    """Return who has written to tables in a transaction that is long open, for people."""
    with answers(session):
        names = [*parted(relations(session, tables)), LONG]
        return [str(row[0]) for row in session.execute(_LONG_WRITERS, names)]


_LONG_WRITERS = """
WITH prepared AS (
    -- Which locks are a prepared transaction's, only its lock on itself tells.
    SELECT virtualtransaction, gid, owner, prepared
    FROM pg_locks JOIN pg_prepared_xacts ON transaction = transactionid
    WHERE locktype = 'transactionid' AND pid IS NULL
), writer AS (
    SELECT coalesce('the prepared transaction ' || gid, nullif(application_name, ''),
                    'an unnamed application') AS what,
           coalesce(usename, owner) AS who, pid, coalesce(xact_start, prepared) AS since
    FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
    LEFT JOIN prepared ON pid IS NULL
      AND prepared.virtualtransaction = pg_locks.virtualtransaction
    JOIN pg_class ON pg_class.oid = relation JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN unnest(%s::text[], %s::text[]) AS wanted(schema, name)
      ON nspname = wanted.schema AND relname = wanted.name
    WHERE granted AND pid IS DISTINCT FROM pg_backend_pid() AND mode = 'RowExclusiveLock'
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT DISTINCT format('%%s (%%s, for %%s s)', what, concat_ws(', pid ', who, pid),
                       round(extract(epoch FROM clock_timestamp() - since)))
FROM writer WHERE since < clock_timestamp() - make_interval(secs => %s)
"""


@contextmanager
def _unready(ends: Ends) -> Iterator[None]:
    """Say of whatever keeps a switch from being begun that it does."""
    try:
        yield
    except (DatabaseSilent, DatabaseRefused):
        raise
    except SwitchUnready as unready:
        raise SwitchUnready(unready.what, where=ends.name, hint=unready.hint) from None
    except StreamError as trouble:
        raise SwitchUnready(trouble.what, where=ends.name, hint=trouble.hint) from None


def _impatient(url: str, seconds: float) -> str:
    """A slot waits for every transaction that is open; this bounds it."""
    given = conninfo_to_dict(url).get("options") or ""
    return make_conninfo(url, options=f"{given} -c lock_timeout={seconds:.0f}s".strip())
