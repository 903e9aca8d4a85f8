"""The reckoning: every payment that was acknowledged, looked for in both databases.

customers ──ids──▶ payments at the monolith, payments in the new store ──▶ Reckoning
conductor ──verify──▶ the content of both, compared by hashes ─────────────────┘
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass

import psycopg

from matapalo.conductor import Verified
from matapalo.console import Client
from matapalo.demo.story import TABLE_SLICE
from matapalo.errors import ConductorError, StreamError

PATIENCE = 60.0
"""Seconds that a row may take to come to the other side, and a database to come back."""
AGAIN = 0.2
"""Seconds between two looks."""
FOUND = "SELECT count(*) FROM payments WHERE id = ANY(%s::uuid[])"
CONFLICTS = "SELECT count(*) FROM matapalo.conflict"


@dataclass(frozen=True)
class Reckoning:
    """What was acknowledged, and what is there."""

    acknowledged: int
    at_monolith: int
    at_new: int
    conflicts: int
    """Rows that did not find the other side as they should have, both ways together."""
    verified: Verified

    @property
    def complete(self) -> bool:
        """Whether both sides have everything."""
        return 0 < self.acknowledged == self.at_monolith == self.at_new


@dataclass(frozen=True)
class Ends:
    """Both databases of the slice (URLs of libpq)."""

    monolith: str
    new: str


async def reckon(ends: Ends, acknowledged: Collection[str], conductor: Client) -> Reckoning:
    """Reckon, and give rows that are on their way the time to arrive.

    Raises ConductorError, StreamError or psycopg.Error where somebody is silent for too long.
    """
    ids = tuple(acknowledged)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            found = await _look(ends, ids, conductor)
        except (ConductorError, StreamError, psycopg.OperationalError):
            if time.monotonic() > deadline:
                raise
        else:
            if (found.complete and found.verified.clean) or time.monotonic() > deadline:
                return found
        await asyncio.sleep(AGAIN)


async def missing(ends: Ends, acknowledged: Collection[str]) -> int:
    """Return how many acknowledged payments the new side lacks. Raises psycopg.Error."""
    ids = list(acknowledged)
    return len(ids) - await asyncio.to_thread(_count, ends.new, FOUND, [ids])


async def _look(ends: Ends, ids: tuple[str, ...], conductor: Client) -> Reckoning:
    def look() -> tuple[int, int, int]:
        both = (ends.monolith, ends.new)
        at_monolith, at_new = (_count(url, FOUND, [list(ids)]) for url in both)
        return at_monolith, at_new, sum(_count(url, CONFLICTS) for url in both)

    verified = await conductor.verify(TABLE_SLICE)
    at_monolith, at_new, conflicts = await asyncio.to_thread(look)
    return Reckoning(len(ids), at_monolith, at_new, conflicts, verified)


def _count(url: str, query: str, values: list[list[str]] | None = None) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(query.encode(), values).fetchone()
    return int(found[0]) if found else 0
