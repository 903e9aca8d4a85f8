"""Whether every write that had passed before a hold is answered.

    the hold's file is in place ─▶ every worker has had a turn ─▶ nothing of the writes' clusters is
                                   (none steers by the old file)   under way, twice in a row

A write is under way from the moment that it is steered: it waits for a connection, or for its
answer, or for its next attempt. Envoy counts these apart, and one may move on while they are read,
in the order in which they are read; never twice.
"""

import json

from matapalo.edge.admin import Admin
from matapalo.edge.resources.clusters import WIDE
from matapalo.edge.workers import Workers

BETWEEN_ATTEMPTS = "circuit_breakers.default.remaining_retries"
KINDS = ("upstream_rq_active", "upstream_rq_pending_active", BETWEEN_ATTEMPTS)


class Drain:
    """Looks at one Envoy. Raises EdgeSilent when it does not answer."""

    def __init__(self, admin: Admin, workers: Workers) -> None:
        self._admin = admin
        self._workers = workers

    async def over(self, slices: tuple[str, ...]) -> bool:
        """Whether no write of these slices is under way that was steered before this moment."""
        await self._workers.turn()
        return await self._nothing(slices) and await self._nothing(slices)

    async def _nothing(self, slices: tuple[str, ...]) -> bool:
        text = await self._admin.get("/stats", format="json", type="Gauges", filter=_filter(slices))
        return under_way(text) == 0


def under_way(text: str) -> int:
    """Return how many writes the answer of `/stats?format=json` tells of."""
    gauges = {entry["name"]: int(entry["value"]) for entry in json.loads(text)["stats"]}
    return sum(
        WIDE - value if name.endswith(BETWEEN_ATTEMPTS) else value for name, value in gauges.items()
    )


def _filter(slices: tuple[str, ...]) -> str:
    kinds = "|".join(KINDS).replace(".", "\\.")
    return rf"^cluster\.slice\.({'|'.join(slices)})\.(monolith|new)-writes\.({kinds})$"
