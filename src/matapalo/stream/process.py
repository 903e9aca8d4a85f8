"""One stream's process: it follows, and beside that watches its row and beats.

follow ──State──▶ Watch ──▶ row of matapalo.stream ◀── who asks: verify, the conductor, a person
  ▲                 │
  ╰────Orders───────╯        Heartbeat ──▶ source's log
"""

from collections.abc import Callable

from matapalo.errors import LoadFailed, SlotLost, StreamError, UnknownStream
from matapalo.stream import control, progress, word
from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.duty import Say, on_duty
from matapalo.stream.follow import Orders, Phase, State, follow
from matapalo.stream.heartbeat import Heartbeat
from matapalo.stream.job import Job
from matapalo.stream.load import Book
from matapalo.stream.lsn import BEGINNING, Lsn, written
from matapalo.stream.watch import Watch

LOST = "lost"
"""The phase of a stream that cannot go on: only a new load helps."""


def run(job: Job, orders: Orders, say: Say) -> None:
    """Follow until `orders` say stop, or the stream's row does.

    Raises SlotLost where only a new load helps, UnknownStream where nothing was loaded, LoadFailed
    where the load has not come to its end.
    """
    _enter(job)
    watch = Watch(job.target, job.stream, orders, say)
    try:
        with on_duty([watch, Heartbeat(job.source, say)]):
            follow(job.task(), orders, _telling(watch, say))
    except (SlotLost, UnknownStream) as trouble:
        _leave(job, LOST, trouble.what)
        raise
    _leave(job, Phase.STOPPED, "")


def _enter(job: Job) -> None:
    """Make the stream known on its target, where all is there that it builds upon."""
    with connect(job.target) as target:
        progress.read(target, job.stream)
        if job.forward:
            _check_load(target, job)
        control.install(target)
        word.install(target)
        with connect(job.source) as source:
            control.enter(
                target, job.stream, source=identity(source), tables=job.tables, phase="connecting"
            )


def _check_load(target: Connection, job: Job) -> None:
    """Check that a load, if it was ours, has come to its end. Raises LoadFailed."""
    book = Book(target, job.stream)
    book.install()
    record = book.record()
    if record is not None and not record.ended:
        raise LoadFailed(
            f"the load of {job.stream} has not come to its end",
            hint=f"`matapalo stream load {job.stream.name}` goes on where it was.",
        )


def end_of_log(job: Job) -> Lsn:
    """Return a position that everything committed on the source by now ends before."""
    with connect(job.source) as source, answers(source):
        # What is committed can lie beyond all but the insert position.
        row = source.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8").fetchone()
    return Lsn(row[0]) if row else BEGINNING


def identity(source: Connection) -> str:
    """Return which database of which server it is: a restored copy is another one."""
    with answers(source):
        row = source.execute(
            "SELECT system_identifier::text || '/' || current_database() FROM pg_control_system()"
        ).fetchone()
    return str(row[0]) if row else ""


def _telling(watch: Watch, say: Say) -> Callable[[State], None]:
    last: list[tuple[Phase, str]] = []

    def tell(state: State) -> None:
        watch.news(state)
        if last != [(state.phase, state.trouble)]:
            last[:] = [(state.phase, state.trouble)]
            say(
                str(state.phase),
                applied=written(state.applied.position),
                **({"trouble": state.trouble} if state.trouble else {}),
            )

    return tell


def _leave(job: Job, phase: str, trouble: str) -> None:
    """Write down how it ended, if the target still listens."""
    try:
        with connect(job.target) as target:
            control.leave(target, job.stream, phase=phase, trouble=trouble)
    except StreamError:
        return  # it says so by not being heard of
