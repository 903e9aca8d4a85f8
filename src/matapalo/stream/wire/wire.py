"""One session in COPY BOTH mode."""

import os
import select
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg
from psycopg import pq, sql

from matapalo.errors import DatabaseSilent, SlotLost, StreamBusy, StreamError
from matapalo.stream.database import answers, connect, place, told
from matapalo.stream.lsn import Lsn, written
from matapalo.stream.names import Stream, identifier, literal
from matapalo.stream.wire.status import status

_AT_ONCE = 4096
"""Messages that one reading returns at most."""
_FEW = 64
"""With so few messages more are on their way, and waiting a moment saves a wake-up each."""
_MOMENT = 0.002
_SLOWEST_SEND = 30.0


@dataclass(frozen=True, slots=True)
class Start:
    """Where and how to begin."""

    stream: Stream
    position: Lsn
    """Transactions that were committed before it are not sent again."""
    binary: bool
    """Whether cells come in binary form; else as text."""

    @property
    def command(self) -> sql.Composed:
        """The replication command."""
        name = self.stream.on_server
        options = {"proto_version": "1", "publication_names": f'"{name}"', "messages": "true"}
        if self.binary:
            options["binary"] = "true"
        return sql.SQL("START_REPLICATION SLOT {} LOGICAL {} ({})").format(
            identifier(name),
            sql.SQL(written(self.position)),
            sql.SQL(", ").join(
                sql.SQL("{} {}").format(identifier(option), literal(value))
                for option, value in options.items()
            ),
        )


class Wire:
    """A session that reads a source's log. Raises DatabaseSilent when it is lost."""

    def __init__(self, url: str, start: Start) -> None:
        """Connect and begin.

        Raises SlotLost where the source has thrown away what was not read yet, StreamBusy where
        another session reads the slot.
        """
        self._url = url
        self._place = place(url)
        self._connection = connect(url, application=start.stream.on_server, replication=True)
        try:
            self._begin(start)
        except BaseException:
            self._connection.close()
            raise
        self._woken, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll = select.poll()
        self._poll.register(self._pg.socket, select.POLLIN)
        self._poll.register(self._woken, select.POLLIN)
        self._alarm = select.poll()
        self._alarm.register(self._woken, select.POLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        os.close(self._woken)
        os.close(self._waker)

    def read(self, timeout: float) -> list[bytes]:
        """Return the messages that have come, waiting for the first for `timeout` seconds.

        It returns earlier, perhaps with nothing, when someone calls `wake`.
        """
        messages = self._buffered()
        if messages or not self._readable(timeout):
            return messages
        messages = self._received()
        if 0 < len(messages) < _FEW:
            time.sleep(_MOMENT)
            messages += self._received()
        return messages

    def rest(self, timeout: float) -> None:
        """Read nothing for `timeout` seconds, or until someone calls `wake`."""
        if self._alarm.poll(timeout * 1000):
            self._calm()

    def wake(self) -> None:
        """End a `read` or a `rest` early. From any thread."""
        try:
            os.write(self._waker, b"!")
        except BlockingIOError:
            return  # so many calls are waiting that one more makes no difference

    def confirm(self, received: int, kept: int, *, answer: bool = False) -> None:
        """Tell the source how far its log was received, and how far it is on the target's disk."""
        with answers(self._url):
            self._pg.put_copy_data(status(received, kept, answer=answer))
            deadline = time.monotonic() + _SLOWEST_SEND
            while self._pg.flush():
                self._wait_to_send(deadline)

    @property
    def _pg(self) -> pq.abc.PGconn:
        return self._connection.pgconn

    def _begin(self, start: Start) -> None:
        with answers(self._url):
            command = start.command.as_bytes(self._connection)
            result = self._pg.exec_(command)
        if result.status != pq.ExecStatus.COPY_BOTH:
            raise _refused(psycopg.errors.error_from_result(result), start.stream, self._place)
        self._pg.nonblocking = 1

    def _received(self) -> list[bytes]:
        with answers(self._url):
            self._pg.consume_input()
        return self._buffered()

    def _buffered(self) -> list[bytes]:
        """Return the messages that libpq has whole."""
        get = self._pg.get_copy_data
        messages: list[bytes] = []
        with answers(self._url):
            for _ in range(_AT_ONCE):
                size, data = get(1)
                if size <= 0:
                    self._check(size)
                    break
                messages.append(bytes(data))
        return messages

    def _check(self, size: int) -> None:
        """Zero says that no message is whole yet; anything less is the end."""
        if size == 0:
            return
        result = self._pg.get_result()
        if result is not None and result.status == pq.ExecStatus.FATAL_ERROR:
            raise told(psycopg.errors.error_from_result(result), self._place)
        raise DatabaseSilent("the source has ended the replication session", where=self._place)

    def _readable(self, timeout: float) -> bool:
        ready = [number for number, _ in self._poll.poll(timeout * 1000)]
        if self._woken in ready:
            self._calm()
        return self._pg.socket in ready

    def _calm(self) -> None:
        os.read(self._woken, 4096)

    def _wait_to_send(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise DatabaseSilent("the source takes no answer", where=self._place)
        self._pg.consume_input()
        select.select([], [self._pg.socket], [], 0.1)


def _refused(error: psycopg.Error, stream: Stream, where: str) -> StreamError:
    slot = stream.on_server
    match error.sqlstate:
        case "55006":
            return StreamBusy(
                f"another session reads the slot {slot}",
                where=where,
                hint="End the other process. If it died, the source notices soon.",
            )
        case "55000":
            return SlotLost(
                f"the slot {slot} cannot be read: {error.diag.message_primary}",
                where=where,
                hint="Drop the stream and load the tables anew.",
            )
        case "42704":
            return SlotLost(
                f"there is no slot {slot}",
                where=where,
                hint="Load the tables: that makes the slot and the copy that goes with it.",
            )
        case _:
            return told(error, where)
