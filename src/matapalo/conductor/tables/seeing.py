"""How a slice's tables are: each side is asked alone, and what one cannot say is not known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matapalo.conductor.data import Side, TableState, Way
from matapalo.conductor.tables.ends import Ends, source_of, target_of
from matapalo.errors import DatabaseSilent
from matapalo.stream import control, guard, health
from matapalo.stream.apply import count_conflicts
from matapalo.stream.control import Entry
from matapalo.stream.database import Connection, answers
from matapalo.stream.health import Facts
from matapalo.stream.job import Job
from matapalo.stream.names import Stream


@dataclass(frozen=True, slots=True)
class Load:
    """How far a load is."""

    ended: bool
    copied: bool
    rows: int
    ranges: int
    of: int

    def __str__(self) -> str:
        if self.ended:
            return f"{self.rows:,} rows copied"
        if self.copied:
            return f"{self.rows:,} rows copied; making indexes"
        return f"{self.rows:,} rows, {self.ranges} of {self.of or 'unknown'} parts"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one side's database says of a slice."""

    from_here: Facts
    """Of the stream that reads it."""
    to_here: Facts
    """Of the stream that writes it."""
    entry: Entry | None = None
    """That stream's row."""
    load: Load | None = None
    conflicts: int = 0
    refused: int = 0
    """Writers of the other side who met a closed table there."""
    closed: bool = False


def look(session: Connection, ends: Ends, side: Side) -> Seen:
    """Ask one side. Raises DatabaseSilent."""
    reads = next(job for job in ends.jobs() if source_of(job) is side)
    writes = next(job for job in ends.jobs() if target_of(job) is side)
    seen = Seen(
        from_here=health.gather(session, None, reads.stream),
        to_here=health.gather(None, session, writes.stream),
        entry=_entry(session, writes),
        load=_load(session, writes.stream),
        conflicts=count_conflicts(session, writes.stream),
        refused=_count(session, "refused", writes.stream),
        closed=_closed(session, ends),
    )
    if session.closed:
        raise DatabaseSilent("the session was lost")
    return seen


def table_state(seen: Mapping[Side, Seen | str]) -> TableState:
    """Put together what both sides say; a text in place of it says why nothing is known."""
    known = [one for one in seen.values() if isinstance(one, Seen)]
    return TableState(
        forward=_way(seen[Side.MONOLITH], seen[Side.NEW]),
        reverse=_way(seen[Side.NEW], seen[Side.MONOLITH]),
        closed=frozenset(s for s, one in seen.items() if isinstance(one, Seen) and one.closed),
        refused=sum(one.refused for one in known) if len(known) == len(seen) else None,
    )


def _way(source: Seen | str, target: Seen | str) -> Way:
    if isinstance(target, str):
        return Way(trouble=target)
    lag = health.lag(_facts(source, target))
    way = Way(
        lag_seconds=lag.seconds,
        lag_bytes=lag.bytes,
        heartbeat_age=lag.heartbeat,
        conflicts=target.conflicts,
        trouble=source if isinstance(source, str) else "",
    )
    if (entry := target.entry) is None:
        return way
    load = target.load
    return replace(
        way,
        phase=entry.phase,
        running=entry.running,
        loaded=load is not None and load.ended,
        progress=str(load) if load else "",
        trouble=entry.trouble or way.trouble,
    )


def _facts(source: Seen | str, target: Seen) -> Facts:
    here = target.to_here
    if isinstance(source, str):
        return here
    return replace(
        source.from_here,
        applied=here.applied,
        commit_at=here.commit_at,
        applied_transaction=here.applied_transaction,
        heartbeat_at=here.heartbeat_at,
    )


def _entry(session: Connection, job: Job) -> Entry | None:
    found = control.entries(session)
    return next((entry for entry in found if entry.stream == job.stream.on_server), None)


def _closed(session: Connection, ends: Ends) -> bool:
    with answers(session):
        doors = [door for door in guard.doors(session) if door.guard.slice == ends.name]
    return bool(doors) and all(door.closed for door in doors)


def _load(session: Connection, stream: Stream) -> Load | None:
    if not _is_there(session, "load_range"):
        return None
    with answers(session):
        row = session.execute(_LOAD, [stream.on_server]).fetchone()
    return Load(*row) if row else None


def _count(session: Connection, table: str, stream: Stream) -> int:
    if not _is_there(session, table):
        return 0
    with answers(session):
        row = session.execute(
            f"SELECT count(*) FROM matapalo.{table} WHERE stream = %s".encode(),  # noqa: S608 - our own names
            [stream.on_server],
        ).fetchone()
    return int(row[0]) if row else 0


def _is_there(session: Connection, table: str) -> bool:
    with answers(session):
        row = session.execute("SELECT to_regclass('matapalo.' || %s)", [table]).fetchone()
    return row != (None,)


_LOAD = """
SELECT ended IS NOT NULL, copied IS NOT NULL, coalesce(sum(rows), 0)::int8,
       count(rows), count(number)
FROM matapalo.load LEFT JOIN matapalo.load_range USING (stream) WHERE stream = %s
GROUP BY ended, copied
"""
