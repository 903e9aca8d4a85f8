"""The cells of a row, as they lie in a message.

A cell is its length in four bytes and its value, which is exactly what binary COPY and the binary
forms of rows and arrays are made of: cells go from the log to the target without being looked at.
"""

import struct

EMPTY = b"\xff\xff\xff\xff"
"""The cell of NULL: a length of -1."""

Cells = list[bytes | None]
"""The cells of a row; None where the log does not say, because a large value did not change."""

_NULL = ord("n")
_VALUES = frozenset(b"bt")
"""A value in binary form, and one as text."""
_length = struct.Struct("!I").unpack_from


def read_cells(message: bytes, at: int) -> tuple[Cells, int]:
    """Return a row's cells (TupleData), and where the message goes on."""
    cells: Cells = []
    add = cells.append
    count = message[at] << 8 | message[at + 1]
    at += 2
    for _ in range(count):
        kind = message[at]
        at += 1
        if kind in _VALUES:
            end = at + 4 + _length(message, at)[0]
            add(message[at:end])
            at = end
        else:
            add(EMPTY if kind == _NULL else None)
    return cells, at
