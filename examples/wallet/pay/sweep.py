"""The sweep: payments whose money was moved, and whose keeper crashed or was not let in.

A booking that is still unkept a sweep later has nobody who works at it. The monolith keeps it if it
may: what its tables are open to is known there for sure, while ours are open as well when they are
just being filled.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

import psycopg

from . import ledger
from .ledger import Pool
from .monolith import Monolith
from .payment import Payment
from .refused import Refused

PAUSE = 1.0
"""Seconds between two sweeps."""
ELSEWHERE = "elsewhere"
"""The monolith's refusal to write what is written elsewhere."""


async def keep_sweeping(pool: Pool, monolith: Monolith) -> None:
    seen: frozenset[UUID] = frozenset()
    while True:
        try:
            # Somebody is away, or a switch is under way: the next sweep finds the same.
            with suppress(Refused, ledger.Closed):
                seen = await sweep(pool, monolith, seen)
        except psycopg.Error as trouble:
            print(f"a sweep was not finished: {type(trouble).__name__}", flush=True)
        await asyncio.sleep(PAUSE)


async def sweep(pool: Pool, monolith: Monolith, seen: frozenset[UUID]) -> frozenset[UUID]:
    """Sweep once. `seen` was unkept before, and what is returned is so now."""
    payments = {payment.id: payment for payment in await monolith.unkept()}
    if not payments:
        return frozenset()
    here = await ledger.those_kept(pool, payments)
    for left in seen & (payments.keys() - here):
        await _find_keeper(pool, monolith, payments[left])
    if here:
        await monolith.kept(here)
    return frozenset(payments.keys() - here)


async def _find_keeper(pool: Pool, monolith: Monolith, payment: Payment) -> None:
    try:
        await monolith.keep(payment.id)
    except Refused as refused:
        if refused.code != ELSEWHERE:
            raise
        await ledger.keep(pool, payment)
