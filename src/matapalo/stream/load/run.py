"""A load from its beginning, or from where it was: every step looks first whether it is done.

nothing ──▶ tables made ──▶ ranges noted ──▶ snapshot ──▶ every range loaded ──▶ copied ──▶ finished
    ╰────── one attempt goes as far as both servers live, and the next one goes on ──────╯
                                                 ╰──▶ what was loaded before is mended ──╯

A snapshot dies with the attempt that took it. The next one takes another slot with another
snapshot, copies what is missing, and brings what it finds loaded to that moment (`mending`).
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag

from matapalo.blueprint import Table
from matapalo.errors import DatabaseSilent, LoadFailed, TableRewritten
from matapalo.stream import progress, snapshot
from matapalo.stream.database import Connection, connect
from matapalo.stream.load import crew, events, mending
from matapalo.stream.load.book import Book, Record
from matapalo.stream.load.cutting import Sizes, cut_all, expected_rows
from matapalo.stream.load.finish import finish
from matapalo.stream.load.patience import Patience
from matapalo.stream.load.publication import publish
from matapalo.stream.load.session import be_alone
from matapalo.stream.load.target import begin, has_unique_besides_key, start_over, unload
from matapalo.stream.mapping import Flows, Part
from matapalo.stream.names import Stream
from matapalo.stream.plan import fingerprint, plan, read_flows
from matapalo.stream.quiet import quiet

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
    made: Callable[[Connection], None] | None = None
    """Called with a session of the target's in every attempt, once the tables are there and before
    any row is: a load that has ended has called it."""


def load(order: Order) -> Events:
    """Copy every row, and make indexes and foreign keys.

    The last event is `Copied`, unless the load was stopped. It may be called again after whatever
    happened, and does what is left.

    Raises MappingWrong, LoadFailed, StreamBusy and DatabaseRefused; DatabaseSilent when a server
    has not answered for a long time, TableRewritten when a table is never left in peace.
    """
    patience = Patience()
    while not order.stop.is_set():
        tally = crew.Tally()
        try:
            yield from _attempt(order, tally)
        except (DatabaseSilent, TableRewritten) as error:
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
        if order.made and not record.ended:
            order.made(target)
        if not record.copied:
            yield from _copied(order, source, target, tally)
            record = _known(book)
        if record.slot is None or not record.copied:
            return
        if not record.ended:
            yield from finish(order.stream, source, target, order.tables, record.made)
        yield events.Copied(record.slot)


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
    if record.copied:
        there = snapshot.has_slot(source, order.stream.on_server)
        return "" if there else "the source has lost the slot, and with it what changed since"
    flows = read_flows(source, target, order.tables)
    for number in _loaded(book):
        if _is_further(flows, number):
            return f"{flows[number]} has set columns that cannot be told apart any more"
    table = has_unique_besides_key(target, flows, record.made) if _loaded(book) else ""
    return f"{table} has unique indexes, and rows of two moments could clash" if table else ""


def _known(book: Book) -> Record:
    record = book.record()
    if record is None:
        raise LoadFailed("the note of this load has gone meanwhile", hint="Start it again.")
    return record


def _copied(order: Order, source: Connection, target: Connection, tally: crew.Tally) -> Events:
    """Bring every row to one snapshot, which is where the slot begins."""
    book = Book(target, order.stream)
    flows = read_flows(source, target, order.tables)
    slot = order.stream.on_server
    before = _loaded(book)
    yield events.Doing("waiting for a snapshot: every transaction that is open now has to end")
    snapshot.drop_slot(source, slot)
    publish(source, slot, flows)
    application = f"matapalo load {order.stream.name}"
    with snapshot.with_slot(order.source, slot, application=application, temporary=False) as moment:
        if not book.ranges():
            book.cut(cut_all(source, flows, order.sizes, order.jobs))
        with target.transaction():
            book.snapshot(moment.lsn)
            progress.begin(target, order.stream, moment.lsn)
        there = sum(rows or 0 for _, rows in book.ranges())
        expected = max(0, expected_rows(source, flows) - there)
        work = crew.Work(order.stream, order.source, order.target, flows, moment, expected)
        for step in (
            _worked(order, work, book, tally, further=False),
            _mended(order, work, target, before),
            # What adds columns to the rows of others comes last, when those are as they should be.
            _worked(order, work, book, tally, further=True),
        ):
            yield from step
            if order.stop.is_set():
                return
    book.copied()


def _loaded(book: Book) -> tuple[int, ...]:
    """Return the flows of which something is loaded."""
    return tuple(dict.fromkeys(piece.flow for piece, rows in book.ranges() if rows is not None))


def _worked(
    order: Order, work: crew.Work, book: Book, tally: crew.Tally, *, further: bool
) -> Events:
    """Copy the ranges that are missing."""
    ranges = book.ranges()
    left = [
        piece
        for piece, rows in ranges
        if rows is None and _is_further(work.flows, piece.flow) is further
    ]
    if not left:
        return
    yield events.Doing(f"copying {len(left)} ranges, {order.jobs} side by side")
    before = sum(rows is not None for _, rows in ranges) - tally.ranges
    for _ in crew.run(work, left, order.jobs, tally):
        done = before + tally.ranges
        yield events.Progress(tally.rows, tally.bytes, work.expected, done, len(ranges))
        if order.stop.is_set():
            return


def _mended(order: Order, work: crew.Work, target: Connection, before: Sequence[int]) -> Events:
    """Bring what earlier attempts have loaded to this attempt's snapshot."""
    if not before:
        return
    with mending.ends(
        order.source, order.target, work.snapshot, target, sessions=order.jobs
    ) as ends:
        for number in before:
            flow = work.flows[number]
            yield events.Doing(f"comparing what was loaded before: {flow}")
            try:
                changed = 0
                for some in mending.mended(ends, flow):
                    changed += some
                    name = flow.target.name
                    yield events.Doing(f"{changed:,} rows of {name} brought up to date")
            except TableRewritten:
                unload(target, order.stream, work.flows, flow.target.name)
                raise


def _is_further(flows: Flows, number: int) -> bool:
    return flows[number].part is Part.FURTHER
