"""Having a stream stand still: where it is, then exactly before a position of its source's log.

A hold is a lease: if whoever holds dies, the stream goes on when the lease is over.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from matapalo.errors import CannotPin
from matapalo.stream.control import ask
from matapalo.stream.database import Connection, answers
from matapalo.stream.lsn import Lsn, written
from matapalo.stream.names import Stream, literal

_POLL = 0.01
_FREE = sql.SQL("hold = '' OR hold_until < clock_timestamp()")


class Hold:
    """A stream that stands still."""

    def __init__(self, target: Connection, stream: Stream, lease: float) -> None:
        self._target = target
        self._stream = stream
        self._lease = lease
        self._token = secrets.token_hex(8)

    def begin(self) -> None:
        """Have it stand still where it is. Raises CannotPin if it does not, or is held already."""
        change = sql.SQL(
            "hold = {}, hold_at = NULL, held = '', held_at = NULL,"
            " hold_until = clock_timestamp() + make_interval(secs => {})"
        ).format(literal(self._token), sql.Literal(self._lease))
        if not ask(self._target, self._stream, change, _FREE):
            raise CannotPin(
                f"the stream {self._stream} is held by another, or is not known",
                hint="Only one comparison at a time can be pinned to a stream.",
            )
        self._wait(sql.SQL("true"))

    def until(self, position: Lsn) -> None:
        """Have it go on to a position and stand still there. Raises CannotPin if it does not."""
        place = sql.SQL("hold_at = {}::pg_lsn").format(literal(written(position)))
        if not ask(self._target, self._stream, place, self._mine):
            raise self._over()
        self._wait(sql.SQL("held_at = hold_at"))

    def end(self) -> None:
        """Let it go on. Raises CannotPin if the lease was over before, so that it went on alone."""
        if not self.release():
            raise self._over()

    def check(self) -> None:
        """Raise CannotPin unless the stream is still held, and will be for a moment."""
        with answers(self._target):
            row = self._target.execute(
                sql.SQL(
                    "SELECT {} AND hold_until > clock_timestamp() + interval '2 s'"
                    " FROM matapalo.stream WHERE stream = {}"
                ).format(self._mine, literal(self._stream.on_server))
            ).fetchone()
        if row != (True,):
            raise self._over()

    def release(self) -> bool:
        """Let it go on if it is still held; return whether it was."""
        return ask(self._target, self._stream, sql.SQL("hold = '', hold_at = NULL"), self._mine)

    @property
    def _mine(self) -> sql.Composed:
        return sql.SQL("hold = {} AND hold_until > clock_timestamp()").format(literal(self._token))

    def _wait(self, condition: sql.SQL) -> None:
        query = sql.SQL(
            "SELECT held = {} AND {} AND {} FROM matapalo.stream WHERE stream = {}"
        ).format(
            literal(self._token), self._mine, condition, literal(self._stream.on_server)
        )  # fmt: skip
        deadline = time.monotonic() + self._lease
        while time.monotonic() < deadline:
            with answers(self._target):
                if self._target.execute(query).fetchone() == (True,):
                    return
            time.sleep(_POLL)
        raise self._over()

    def _over(self) -> CannotPin:
        return CannotPin(
            f"the stream {self._stream} did not come to the wanted position"
            f" within {self._lease:g} s",
            hint="Is it running, and how far is it behind? `matapalo stream status` tells.",
        )


@contextmanager
def held(target: Connection, stream: Stream, *, lease: float) -> Iterator[Hold]:
    """Have a stream stand still, for `lease` seconds at most. Raises CannotPin."""
    hold = Hold(target, stream, lease)
    try:
        hold.begin()
        yield hold
    finally:
        hold.release()
