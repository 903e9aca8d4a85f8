"""The pump: rows of one range, from a COPY of the source into a COPY of the target."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import psycopg

from matapalo.stream.database import Connection, answers
from matapalo.stream.load.ranges import Range
from matapalo.stream.load.statements import copy_in, copy_out, make_stage, merge_stage
from matapalo.stream.mapping import Flow, Part

GULP = 256 * 1024
"""How many bytes are put into the target at once."""
TRAILER = b"\xff\xff"
"""The last message of a binary COPY, which is no row."""


class Stopped(Exception):
    """Somebody wants the load to stop."""


@dataclass(frozen=True, slots=True)
class Pump:
    """Two sessions: one that sees the snapshot, and one in an open transaction on the target."""

    source: Connection
    target: Connection
    counted: Callable[[int, int], None]
    """Told of rows and bytes that went through."""
    stop: Event

    def run(self, flow: Flow, piece: Range) -> int:
        """Copy a range and return how many rows it has.

        Raises DatabaseSilent or DatabaseRefused, and Stopped where `stop` is set.
        """
        further = flow.part is Part.FURTHER
        with answers(self.target):
            if further:
                self.target.execute(make_stage(flow))
            rows = self._copy(flow, piece)
            if further:
                self.target.execute(merge_stage(flow))
        return rows

    def _copy(self, flow: Flow, piece: Range) -> int:
        with self.target.cursor() as writing:
            with (
                writing.copy(copy_in(flow)) as into,
                answers(self.source),
                # What is rolled back is the lock on the table: nobody's ALTER or TRUNCATE, and
                # whoever queues behind it, waits longer than one range takes.
                self.source.transaction(force_rollback=True),
                self.source.cursor() as reading,
                reading.copy(copy_out(flow, piece)) as out,
            ):
                self._forward(out, into)
            return writing.rowcount

    def _forward(self, out: psycopg.Copy, into: psycopg.Copy) -> None:
        """Forward rows as they come, many at a time."""
        held: list[bytes | bytearray | memoryview] = []
        size = 0
        for row in out:
            held.append(row)
            size += len(row)
            if size >= GULP:
                self._put(into, held, size)
                size = 0
        self._put(into, held, size)

    def _put(
        self, into: psycopg.Copy, held: list[bytes | bytearray | memoryview], size: int
    ) -> None:
        with answers(self.target):
            into.write(b"".join(held))
        self.counted(len(held) - (held[-1:] == [TRAILER]), size)
        held.clear()
        if self.stop.is_set():
            raise Stopped
