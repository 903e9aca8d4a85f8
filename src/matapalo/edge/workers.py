"""The workers of one Envoy: each can be asked to answer, and has then ended what it had begun.

A worker does one thing after the other. A request that it has steered is on its way in the same
turn, so that who answers us has no request in his hands that he steered before, and that nothing
counts yet. Envoy spreads connections over workers evenly; which one answers, it says (clock).
"""

import asyncio
import contextlib
import json
from pathlib import Path

from matapalo.edge.admin import Admin
from matapalo.errors import EdgeSilent

QUESTION = b"GET /worker HTTP/1.1\r\nhost: clock\r\n\r\n"
PATIENCE = 5.0
"""Seconds that a worker may take to answer."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Workers:
    """Asks every worker of the Envoy whose clock answers at a socket."""

    def __init__(self, admin: Admin, clock: Path) -> None:
        self._admin = admin
        self._clock = clock
        self._known: dict[str, Connection] = {}

    async def turn(self) -> None:
        """Wait until every worker has answered. Raises EdgeSilent if one does not."""
        try:
            async with asyncio.timeout(PATIENCE):
                if not await self._all_answer():
                    await self._meet()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            self.close()
            raise EdgeSilent("Envoy's workers do not answer", where=str(self._clock)) from error

    def close(self) -> None:
        """Ask nobody any more."""
        for _, writer in self._known.values():
            writer.close()
        self._known = {}

    async def _all_answer(self) -> bool:
        """Whether all that are known do; it is another Envoy if one does not."""
        with contextlib.suppress(OSError, EOFError):
            await asyncio.gather(*map(_who, self._known.values()))
            return bool(self._known)
        self.close()
        return False

    async def _meet(self) -> None:
        """Connect until every worker has answered once; they have then all had their turn."""
        count = await self._count()
        spare: list[Connection] = []
        while len(self._known) < count:
            connection = await asyncio.open_unix_connection(self._clock)
            worker = await _who(connection)
            # Kept until the end: the next one goes to whoever has fewer.
            spare += [connection] if worker in self._known else []
            self._known.setdefault(worker, connection)
        for _, writer in spare:
            writer.close()

    async def _count(self) -> int:
        told = json.loads(await self._admin.get("/server_info"))
        return int(told["command_line_options"]["concurrency"])


async def _who(connection: Connection) -> str:
    """Ask; return the name of the worker that answered."""
    reader, writer = connection
    writer.write(QUESTION)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    _, _, name = head.partition("x-matapalo-worker: ")
    return name.partition("\r\n")[0]
