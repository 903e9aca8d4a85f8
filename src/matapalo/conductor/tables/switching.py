"""What a switch does to tables while writes wait: a few statements each, on open sessions.

close ──▶ the guard, enabled in a transaction that waits for every writer's to end
fence ──▶ a marker in the log behind the last write; the other side has everything once it is there
open  ──▶ the guard, disabled
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from matapalo.conductor.data import Side
from matapalo.conductor.tables import turns
from matapalo.conductor.tables.desk import Sessions
from matapalo.conductor.tables.ends import Ends, target_of
from matapalo.errors import SwitchUnready, UnknownStream
from matapalo.stream import control, guard, progress, sequences
from matapalo.stream.database import Connection
from matapalo.stream.job import Job
from matapalo.stream.locking import under_lock
from matapalo.stream.sequences import Pair

_POLL = 0.001
OPENING = 10.0
"""Seconds that the stream's own transactions may keep tables from being opened."""


def close(sessions: Sessions[Side], ends: Ends, side: Side, turn: int, within: float) -> None:
    """Close a side. When this returns, no transaction that wrote there is open.

    Raises GuardBlocked where such transactions do not end, SwitchUnready where a later turn was
    taken, or `prove` has not put the guard there.
    """
    session = sessions[side]
    found = guard.standing(session, ends.tables(side))
    if not any(found.values()):
        raise SwitchUnready(
            f"the {side}'s tables have no guard yet", where=ends.name, hint="Begin the step anew."
        )
    changes = guard.closing(found, ends.guard(side))
    with _in_turn(session, ends, turn) as taken:
        under_lock(session, tuple(found), changes, within, [taken])


def open_(sessions: Sessions[Side], ends: Ends, side: Side, turn: int) -> None:
    """Open a side. Raises SwitchUnready where a later turn was taken."""
    session = sessions[side]
    with _in_turn(session, ends, turn) as taken:
        guard.reopen(session, ends.tables(side), OPENING, [taken])


def fence(
    sessions: Sessions[Side], ends: Ends, side: Side, numbered: Sequence[Pair], within: float
) -> None:
    """Wait until all that a side has is on the other, and number rows there from where it stopped.

    Raises SwitchUnready where that takes longer.
    """
    job, name = ends.away(side), secrets.token_hex(8)
    source, target = sessions[side], sessions[target_of(job)]
    deadline = time.monotonic() + within
    progress.put_fence(source, name)
    # While the fence is on its way: nobody takes a number any more.
    sequences.level(source, target, numbered)
    while not progress.passed(target, job.stream, name):
        if time.monotonic() > deadline:
            raise SwitchUnready(
                f"the last writes were not on the other side within {within:g} s",
                where=ends.name,
                hint=_why(target, job),
            )
        time.sleep(_POLL)


@contextmanager
def _in_turn(session: Connection, ends: Ends, turn: int) -> Iterator[sql.Composed]:
    """Give the statement that takes the turn, and say what it means that it fails."""
    turns.install(session)
    try:
        yield turns.take(ends.name, turn)
    except psycopg.errors.NotNullViolation as error:
        if error.diag.table_name != turns.TABLE:
            raise
        raise SwitchUnready(
            f"the turn {turn} is over: another move has come since", where=ends.name
        ) from None


def _why(target: Connection, job: Job) -> str:
    try:
        entry = control.entry(target, job.stream)
    except UnknownStream:
        return f"There is no stream {job.stream}."
    if not entry.running:
        return f"The process of {job.stream} does not run."
    return entry.trouble or f"The stream {job.stream} is {entry.phase}, and behind."
