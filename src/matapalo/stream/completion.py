"""Completing a load that was resumed: indexes are made once the stream has made it consistent."""

from matapalo.stream import load, progress
from matapalo.stream.database import Connection
from matapalo.stream.duty import Duty, Say
from matapalo.stream.job import Job
from matapalo.stream.load import Book, Order

_EVERY = 0.5


class Completion(Duty):
    """Waits until the stream has passed the load's last snapshot, and ends the load."""

    name = "completion"

    def __init__(self, job: Job, say: Say) -> None:
        super().__init__(job.target, say)
        self._job = job

    def work(self, session: Connection) -> None:
        """Wait, and end the load; nothing to do where it has ended."""
        book = Book(session, self._job.stream)
        while not self._over.is_set():
            record = book.record()
            if record is None or record.ended or not record.copied or record.consistent is None:
                return
            if progress.read(session, self._job.stream).position >= record.consistent:
                break
            self._over.wait(_EVERY)
        if not self._over.is_set():
            self._complete()

    def _complete(self) -> None:
        order = Order(
            self._job.stream, self._job.source, self._job.target, self._job.tables, stop=self._over
        )
        for event in load.load(order):
            self._say("load", what=str(event))
