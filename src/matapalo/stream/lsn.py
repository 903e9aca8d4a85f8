"""Positions in a server's log: numbers here, `16/B374D848` where people and servers write them."""

from typing import NewType

Lsn = NewType("Lsn", int)
"""A byte's place in the write-ahead log."""

BEGINNING = Lsn(0)
"""Before everything."""


def parse(text: str) -> Lsn:
    """Read a position as a server writes it. Raises ValueError."""
    high, low = text.split("/")
    return Lsn(int(high, 16) << 32 | int(low, 16))


def written(position: int) -> str:
    """Write a position as a server reads it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
