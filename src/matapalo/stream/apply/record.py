"""Rows as a parameter: an array of records in binary form, made of the cells of the log.

An array is a head and its elements, each behind its length; a record is the number of its columns
and, for each, the number of its type and its cell. (`array_recv` and `record_recv` read them.)
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper

from matapalo.stream.pgoutput import EMPTY, Cells

_ARRAY = struct.Struct("!iiIii")
_RECORD = struct.Struct("!ii")
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_COPY_TAIL = b"\xff\xff"
_COLUMNS = struct.Struct("!H")
_NUMBER = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class Binary:
    """A parameter in binary form, of the type that the statement casts it to."""

    data: bytes


class _BinaryDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: Binary) -> bytes:
        return obj.data


def register(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Let a session take `Binary` as a parameter."""
    connection.adapters.register_dumper(Binary, _BinaryDumper)


@dataclass(frozen=True, slots=True)
class Record:
    """A row type of a session's own: its number, and its columns'."""

    oid: int
    columns: tuple[int, ...]

    def array(self, rows: Sequence[Sequence[bytes]]) -> Binary:
        """Return rows as one parameter."""
        parts: list[bytes] = [b""] * (2 * len(self.columns))
        parts[0::2] = map(_NUMBER.pack, self.columns)
        out = [_ARRAY.pack(1 if rows else 0, 0, self.oid, len(rows), 1)[: 20 if rows else 12]]
        for row in rows:
            parts[1::2] = row
            data = b"".join(parts)
            out.append(_RECORD.pack(len(data) + 4, len(self.columns)))
            out.append(data)
        return Binary(b"".join(out))


def copied(rows: Iterable[Sequence[bytes]], columns: int) -> bytes:
    """Return rows as binary COPY reads them."""
    head = _COLUMNS.pack(columns)
    body = b"".join([head + b"".join(row) for row in rows])
    return b"".join((_COPY_HEAD, body, _COPY_TAIL))


def picker(places: Sequence[int], width: int) -> Callable[[Cells], list[bytes]]:
    """Return the function that takes some of a row's `width` cells; absent ones become empty."""
    every = list(places) == list(range(width))

    def pick(cells: Cells) -> list[bytes]:
        if None not in cells:
            return cells if every else [cells[place] for place in places]  # type: ignore[return-value, misc]  # none of them is None here
        return [EMPTY if (cell := cells[place]) is None else cell for place in places]

    return pick
