"""Health: how far a stream is behind, and whether the source still keeps what it has to read.

    source ──┐
             ├──gather──▶ Facts ──judge──▶ Health: Lag, Signs
    target ──┘

What is not known is None, and never zero: a stream that nobody has heard of is not up to date.
A heartbeat (`beat`) is a message in the source's log, so that the log of a quiet table moves on and
a position can be told from silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from matapalo.errors import DatabaseSilent
from matapalo.stream.database import Connection, answers
from matapalo.stream.names import Stream

HEARTBEAT = "matapalo.heartbeat"
"""The prefix of a heartbeat's message; it holds the number of the transaction to come next, and
the time in microseconds since 1970."""

_EARLY = 0.25
"""A slot is near its end when less than this share of what it may keep is left."""
_LARGE = 4 << 30
"""From here on a slot without a limit is worth a warning: bytes of the source's disk."""
_SOON = 3600
"""A slot that will be lost within this many seconds, as it grows now, is worth a warning."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The stream's slot, as the source sees it."""

    active: bool
    status: str
    """`reserved`, `extended`, `unreserved` or `lost`."""
    kept: int | None
    """Bytes of log that are kept for it."""
    left: int | None
    """Bytes that the log may grow before the slot is in danger; None without a limit."""
    reason: str
    """Why it was lost."""
    confirmed: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What both sides say at a moment. None is what is not known."""

    at: datetime | None = None
    """The source's clock, against which commits are timed."""
    log: int | None = None
    """How far the source's log is written to its disk."""
    next_transaction: int | None = None
    limit: int | None = None
    """How much a slot may keep, in bytes; None where nothing bounds it."""
    slot: Slot | None = None
    applied: int | None = None
    """The position in the source's log up to which the target has everything."""
    commit_at: datetime | None = None
    """When the last applied transaction was committed, by the source's clock."""
    applied_transaction: int | None = None
    """The number that was next when the last applied heartbeat was sent."""
    heartbeat_at: datetime | None = None
    """When that was, by the source's clock."""

    @property
    def source_answers(self) -> bool:
        """Whether anything is known of the source."""
        return self.log is not None


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the target is behind. None is unknown."""

    bytes: int | None
    """Of the source's log, whoever wrote it."""
    seconds: float | None
    """The target has everything that was committed before so long ago."""
    transactions: int | None
    """Writing transactions of the whole source that have begun since the last applied heartbeat, at
    most so many; none where the whole log is applied."""
    heartbeat: float | None = None
    """How old the last applied heartbeat is, in seconds."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that deserves attention. With `lost`, only a new load helps."""

    what: str
    hint: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """How a stream is."""

    lag: Lag
    signs: tuple[Sign, ...]

    @property
    def lost(self) -> bool:
        """Whether the source has thrown away what the stream had yet to read."""
        return any(sign.lost for sign in self.signs)


def judge(facts: Facts, earlier: Facts | None = None) -> Health:
    """Say how a stream is; `earlier` facts tell how fast its slot grows."""
    return Health(lag(facts), tuple(_signs(facts, earlier)))


def lag(facts: Facts) -> Lag:
    """Say how far the target is behind."""
    confirmed = facts.slot.confirmed if facts.slot else None
    applied = max(facts.applied or 0, confirmed or 0) if facts.applied is not None else None
    behind = _ahead(facts.log, applied)
    return Lag(
        bytes=behind,
        seconds=_since(facts.at, facts.commit_at),
        transactions=(
            0 if behind == 0 else _ahead(facts.next_transaction, facts.applied_transaction)
        ),
        heartbeat=_since(facts.at, facts.heartbeat_at),
    )


def _since(now: datetime | None, then: datetime | None) -> float | None:
    return None if now is None or then is None else max(0.0, (now - then).total_seconds())


def _ahead(now: int | None, then: int | None) -> int | None:
    return None if now is None or then is None else max(0, now - then)


def _signs(facts: Facts, earlier: Facts | None) -> Iterator[Sign]:
    if not facts.source_answers:
        yield Sign("the source does not answer", "Nothing is lost: its slot keeps the log.")
        return
    if facts.slot is None:
        yield Sign("the slot is not there", _ANEW, lost=True)
        return
    if facts.slot.status == "lost" or facts.slot.reason:
        why = f" ({facts.slot.reason})" if facts.slot.reason else ""
        yield Sign(
            f"the source has dropped the log that is still to be read{why}", _ANEW, lost=True
        )
        return
    if not facts.slot.active:
        yield Sign("nothing reads the slot, and the source keeps its log", "Start the stream.")
    yield from _growth(facts, facts.slot, earlier)


def _growth(facts: Facts, slot: Slot, earlier: Facts | None) -> Iterator[Sign]:
    if slot.status == "unreserved":
        yield Sign("the slot is lost at the next checkpoint", _HURRY)
    elif slot.left is not None and facts.limit and slot.left < _EARLY * facts.limit:
        yield Sign(f"the slot is lost after {size(slot.left)} more of log", _HURRY)
    elif slot.left is None and (slot.kept or 0) > _LARGE:
        yield Sign(
            f"the source keeps {size(slot.kept or 0)} of log for the slot, and nothing bounds it",
            "Have the stream catch up, or drop it, before the disk is full.",
        )
    if (seconds := _until_lost(facts, slot, earlier)) is not None and seconds < _SOON:
        yield Sign(f"as it grows now, the slot is lost in {seconds / 60:.0f} minutes", _HURRY)


def _until_lost(facts: Facts, slot: Slot, earlier: Facts | None) -> float | None:
    before = earlier.slot if earlier else None
    if not (earlier and before and facts.at and earlier.at):
        return None
    if slot.left is None or before.left is None:
        return None
    seconds = (facts.at - earlier.at).total_seconds()
    eaten = before.left - slot.left
    return slot.left * seconds / eaten if eaten > 0 and seconds > 0 else None


_ANEW = "What was written since cannot be had any more: drop the stream and load anew."
_HURRY = "Raise max_slot_wal_keep_size, or have the stream catch up."
_KILO = 1024
_DIGITS = 19
_LATEST = 10**17
"""Microseconds since 1970: in the year 5138."""


def size(count: float) -> str:
    """Say a number of bytes as a person would."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < _KILO:
            return f"{count:.{0 if unit == 'bytes' else 1}f} {unit}"
        count /= _KILO
    return f"{count:.1f} TB"


def beat(source: Connection) -> None:
    """Leave a heartbeat in the source's log. Raises DatabaseSilent or DatabaseRefused."""
    with answers(source):
        source.execute(
            "SELECT pg_logical_emit_message(true, %s,"
            " concat_ws(' ', pg_snapshot_xmax(pg_current_snapshot()),"
            " (extract(epoch FROM clock_timestamp()) * 1000000)::int8))",
            [HEARTBEAT],
        )


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat says."""

    following: int
    """The number of the source's transaction to come next."""
    at: int
    """The source's time, in microseconds since 1970."""


def heartbeat(content: bytes) -> Beat | None:
    """Read a heartbeat's message; None where it is none: anyone may write into a log."""
    words = content.decode(errors="replace").split(" ")
    if len(words) != len(Beat.__slots__) or not all(map(_is_number, words)):
        return None
    beat = Beat(*map(int, words))
    return beat if beat.at < _LATEST else None


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < _DIGITS


def gather(source: Connection | None, target: Connection | None, stream: Stream) -> Facts:
    """Ask both sides. A side that is None, or does not answer, leaves its facts unknown."""
    facts = _with_source(Facts(), source, stream) if source else Facts()
    return _with_target(facts, target, stream) if target else facts


def _with_source(facts: Facts, source: Connection, stream: Stream) -> Facts:
    try:
        with answers(source):
            row = source.execute(_SOURCE).fetchone()
            slot = source.execute(_SLOT, [stream.on_server]).fetchone()
    except DatabaseSilent:
        return facts
    if row is None:
        return facts
    at, log, following, limit = row
    return replace(
        facts,
        at=at,
        log=log,
        next_transaction=following,
        limit=None if limit < 0 else limit << 20,
        slot=Slot(*slot) if slot else None,
    )


def _with_target(facts: Facts, target: Connection, stream: Stream) -> Facts:
    try:
        with answers(target):
            if target.execute(_THERE).fetchone() != (True,):
                return facts
            row = target.execute(_TARGET, [stream.on_server]).fetchone()
    except DatabaseSilent:
        return facts
    if row is None:
        return facts
    applied, commit_at, heartbeat, at = row
    return replace(
        facts,
        applied=applied,
        commit_at=commit_at,
        applied_transaction=heartbeat,
        heartbeat_at=at,
    )


_SOURCE = """
SELECT clock_timestamp(), (pg_current_wal_flush_lsn() - '0/0')::int8,
       pg_snapshot_xmax(pg_current_snapshot())::text::int8,
       (SELECT setting::int8 FROM pg_settings WHERE name = 'max_slot_wal_keep_size')
"""
# Why a slot was lost is a column that older servers do not have.
_SLOT = """
SELECT active, coalesce(wal_status, 'lost'),
       (pg_current_wal_lsn() - restart_lsn)::int8, safe_wal_size,
       coalesce(to_jsonb(slots) ->> 'invalidation_reason', ''),
       (confirmed_flush_lsn - '0/0')::int8
FROM pg_replication_slots AS slots WHERE slot_name = %s
"""
_THERE = """
SELECT to_regclass('matapalo.progress') IS NOT NULL AND to_regclass('matapalo.stream') IS NOT NULL
"""
_TARGET = """
SELECT (lsn - '0/0')::int8, commit_at, heartbeat, heartbeat_at
FROM matapalo.progress LEFT JOIN matapalo.stream USING (stream) WHERE stream = %s
"""
