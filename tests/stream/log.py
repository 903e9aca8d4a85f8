"""A source's log as bytes, written by hand: what PostgreSQL's documentation says it looks like."""

import struct
from collections.abc import Sequence

Row = Sequence[str | None]
"""The values of a row: text, "∅" for NULL, None where the log leaves out what did not change."""
NULL = "∅"


def data(body: bytes) -> bytes:
    """XLogData around a message of pgoutput's."""
    return b"w" + struct.pack("!QQq", 0, 0, 0) + body


def keepalive(sent: int, *, answer: bool = False) -> bytes:
    return b"k" + struct.pack("!QqB", sent, 0, answer)


def begin(ends: int) -> bytes:
    return data(b"B" + struct.pack("!QqI", ends, 0, 1))


def commit(ends: int, at: int = 0) -> bytes:
    return data(b"C" + struct.pack("!BQQq", 0, ends - 8, ends, at))


def origin(name: str) -> bytes:
    return data(b"O" + struct.pack("!Q", 0) + name.encode() + b"\0")


def message(prefix: str, content: bytes, *, transactional: bool = True, at: int = 5) -> bytes:
    head = struct.pack("!BQ", transactional, at) + prefix.encode() + b"\0"
    return data(b"M" + head + struct.pack("!I", len(content)) + content)


def relation(
    number: int, columns: Sequence[str], *, key: Sequence[str] = ("id",), identity: str = "d"
) -> bytes:
    body = b"R" + struct.pack("!I", number) + b"public\0" + f"t{number}".encode() + b"\0"
    body += identity.encode() + struct.pack("!H", len(columns))
    for name in columns:
        flags = name in key or identity == "f"
        body += bytes([flags]) + name.encode() + b"\0" + struct.pack("!Ii", 25, -1)
    return data(body)


def row(values: Row) -> bytes:
    return struct.pack("!H", len(values)) + b"".join(map(_cell, values))


def insert(number: int, values: Row) -> bytes:
    return data(b"I" + struct.pack("!I", number) + b"N" + row(values))


def update(number: int, new: Row, old: Row | None = None, *, full: bool = False) -> bytes:
    before = b"" if old is None else (b"O" if full else b"K") + row(old)
    return data(b"U" + struct.pack("!I", number) + before + b"N" + row(new))


def delete(number: int, old: Row, *, full: bool = False) -> bytes:
    return data(b"D" + struct.pack("!I", number) + (b"O" if full else b"K") + row(old))


def truncate(*numbers: int) -> bytes:
    listed = b"".join(struct.pack("!I", number) for number in numbers)
    return data(b"T" + struct.pack("!IB", len(numbers), 0) + listed)


def cell(value: str | None) -> bytes | None:
    """A cell as the decoder hands it on."""
    if value is None:
        return None
    if value == NULL:
        return b"\xff\xff\xff\xff"
    return struct.pack("!I", len(value.encode())) + value.encode()


def _cell(value: str | None) -> bytes:
    if value is None:
        return b"u"
    return b"n" if value == NULL else b"b" + (cell(value) or b"")
