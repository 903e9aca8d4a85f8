"""A load from its beginning, or from where it was: every step looks first whether it is done.

nothing ──▶ tables made ──▶ snapshot and ranges noted ──▶ … ──▶ every range loaded ──▶ finished
    ╰────────── one attempt goes as far as both servers live, and the next one goes on ─────╯
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag

from matapalo.blueprint import Table
from matapalo.errors import DatabaseSilent, LoadFailed
from matapalo.stream import progress
from matapalo.stream.database import Connection, connect
from matapalo.stream.load import crew, events, snapshot
from matapalo.stream.load.book import Book, Record
from matapalo.stream.load.cutting import Sizes, cut_all, expected_rows
from matapalo.stream.load.finish import finish
from matapalo.stream.load.patience import Patience
from matapalo.stream.load.publication import publish
from matapalo.stream.load.session import be_alone, quiet
from matapalo.stream.load.target import begin, has_unique_besides_key, start_over
from matapalo.stream.mapping import Flows, Part
from matapalo.stream.names import Stream
from matapalo.stream.plan import fingerprint, plan, read_flows

JOBS = 4

Events = Iterator[events.Event]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be loaded, where from and where to (URLs of libpq)."""

    stream: Stream
    source: str
    target: str
    tables: Sequence[Table]
    jobs: int = JOBS
    """How many ranges are copied side by side."""
    sizes: Sizes = field(default_factory=Sizes)
    stop: Flag = field(default_factory=Flag)
    """Set from another thread, it ends the load, which goes on where it was the next time."""


def load(order: Order) -> Events:
    """Copy every row, and make indexes and foreign keys where the target is consistent by then.

    The last event is `Copied`, unless the load was stopped. Where it says that the target is not
    consistent yet (the load had to be taken up again), follow the stream to that position and call
    `load` once more. It may be called again after whatever happened, and does what is left.

    Raises MappingWrong, LoadFailed, StreamBusy and DatabaseRefused; DatabaseSilent when a server
    has not answered for a long time.
    """
    patience = Patience()
    while not order.stop.is_set():
        tally = crew.Tally()
        try:
            yield from _attempt(order, tally)
        except DatabaseSilent as error:
            wait = patience.after(error, progress=tally.ranges > 0)
            yield events.Trouble(str(error), wait)
            order.stop.wait(wait)
        else:
            return


def _attempt(order: Order, tally: crew.Tally) -> Events:
    with _sessions(order) as (source, target):
        book = Book(target, order.stream)
        book.install()
        progress.install(target)
        record = yield from _begun(order, source, target, book)
        if not record.copied:
            yield from _copied(order, source, target, tally)
            record = _known(book)
        if record.slot is None or record.consistent is None or not record.copied:
            return
        if not record.ended and (not record.patched or _passed(target, order.stream, record)):
            yield from finish(order.stream, source, target, order.tables, record.made)
        yield events.Copied(record.slot, record.consistent)


@contextmanager
def _sessions(order: Order) -> Iterator[tuple[Connection, Connection]]:
    application = f"matapalo load {order.stream.name}"
    with (
        connect(order.source, application=application) as source,
        connect(order.target, application=application) as target,
    ):
        be_alone(target, order.stream)
        quiet(target, order.stream)
        yield source, target


def _begun(
    order: Order, source: Connection, target: Connection, book: Book
) -> Generator[events.Event, None, Record]:
    """Make the target's tables, unless a load has begun already, and return how it stands."""
    record = book.record()
    mapping = fingerprint(order.tables)
    if record is None:
        yield events.Doing("making the target's tables")
        begin(target, order.stream, plan(source, target, order.tables), mapping)
    elif record.mapping != mapping:
        raise LoadFailed(
            f"the load of {order.stream} has begun with another mapping",
            hint="`matapalo stream drop` ends it; then begin anew.",
        )
    elif reason := _broken(order, source, target, book, record):
        yield events.Doing(f"starting over: {reason}")
        start_over(source, target, order.stream, read_flows(source, target, order.tables))
    return _known(book)


def _broken(
    order: Order, source: Connection, target: Connection, book: Book, record: Record
) -> str:
    """Return why what is loaded is of no use; nothing where it is."""
    if record.slot is None or record.ended:
        return ""
    if not snapshot.has_slot(source, order.stream.on_server):
        return "the source has lost the slot, and with it what changed since"
    begun = any(rows is not None for _, rows in book.ranges())
    if record.copied or not begun:
        return ""
    flows = read_flows(source, target, order.tables)
    table = has_unique_besides_key(target, flows, record.made)
    return f"{table} has unique indexes, and rows of two moments could clash" if table else ""


def _known(book: Book) -> Record:
    record = book.record()
    if record is None:
        raise LoadFailed("the note of this load has gone meanwhile", hint="Start it again.")
    return record


def _copied(order: Order, source: Connection, target: Connection, tally: crew.Tally) -> Events:
    """Copy what is not loaded: as of the slot's own snapshot, or of a later moment."""
    book = Book(target, order.stream)
    flows = read_flows(source, target, order.tables)
    slot = order.stream.on_server
    first = _known(book).slot is None
    yield events.Doing("waiting for a snapshot: every transaction that is open now has to end")
    if first:
        snapshot.drop_slot(source, slot)
        publish(source, slot, flows)
    taken = snapshot.with_slot(
        order.source,
        slot if first else f"{slot[:50]}_later",
        application=f"matapalo load {order.stream.name}",
        temporary=not first,
    )
    with taken as moment:
        if first:
            ranges = cut_all(source, flows, order.sizes, order.jobs)
            with target.transaction():
                book.snapshot(moment.lsn, ranges)
                progress.begin(target, order.stream, moment.lsn)
        else:
            book.later(moment.lsn)
        work = crew.Work(order.stream, order.source, order.target, flows, moment)
        yield from _worked(order, work, book, expected_rows(source, flows), tally)


def _worked(order: Order, work: crew.Work, book: Book, expected: int, tally: crew.Tally) -> Events:
    """Tables that add columns to rows of others come last, when those rows are there."""
    ranges = book.ranges()
    done = sum(rows is not None for _, rows in ranges)
    yield events.Doing(f"copying {len(ranges) - done} ranges, {order.jobs} side by side")
    for further in (False, True):
        left = [
            piece
            for piece, rows in ranges
            if rows is None and _is_further(work.flows, piece.flow) is further
        ]
        for _ in crew.run(work, left, order.jobs, tally):
            yield events.Progress(
                tally.rows, tally.bytes, expected, done + tally.ranges, len(ranges)
            )
            if order.stop.is_set():
                return


def _is_further(flows: Flows, number: int) -> bool:
    return flows[number].part is Part.FURTHER


def _passed(target: Connection, stream: Stream, record: Record) -> bool:
    """Whether the stream has come to where all rows are of one moment."""
    return record.consistent is not None and (
        progress.read(target, stream).position >= record.consistent
    )
