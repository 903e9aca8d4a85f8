"""Leading: one conductor at a time, whichever holds the lock in the ledger's database."""

import asyncio
from collections.abc import Awaitable, Callable

from matapalo.conductor.ledger import Ledger, session
from matapalo.errors import LedgerSilent, MatapaloError, NotLeading

_AGAIN = 0.25
_AT_MOST = 5.0
"""How long to wait before the database is asked again, in seconds: at first, and in the end."""


async def lead(
    url: str,
    reign: Callable[[Ledger], Awaitable[None]],
    stand_by: Callable[[MatapaloError], None],
) -> None:
    """Lead whenever that is possible, until cancelled.

    `reign` is called with a session that holds the lock, and ends by LedgerSilent when that session
    is lost; `stand_by` hears why this conductor does not lead.
    """
    pause = _AGAIN
    while True:
        try:
            async with session(url) as ledger:
                await _lock(ledger, stand_by)
                pause = _AGAIN
                await reign(ledger)
        except LedgerSilent as error:
            stand_by(error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _AT_MOST)


async def _lock(ledger: Ledger, stand_by: Callable[[MatapaloError], None]) -> None:
    while not await ledger.lead():
        holder = await ledger.holder()
        stand_by(
            NotLeading(
                f"another conductor leads: {holder or 'it is just leaving'}",
                hint="This one takes over by itself when that one ends.",
            )
        )
        await asyncio.sleep(_AGAIN)
