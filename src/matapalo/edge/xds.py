"""Having Envoy obey: a file is replaced, Envoy reads it, and says which version it obeys now.

    replace the file ─▶ Envoy's version is ours ──▶ done
                     └▶ it refused ──▶ put the old file back, raise with its reason

The files always hold what Envoy has taken, so that one that starts anew comes up with it.
"""

import asyncio
import re

from matapalo.edge import reading
from matapalo.edge.admin import Admin
from matapalo.edge.envoy import log_file
from matapalo.edge.files import replace
from matapalo.edge.reading import Reading
from matapalo.edge.resources import Place, Resources, Text
from matapalo.errors import ConfigRejected, EdgeSilent

PATIENCE = 15.0
"""Seconds that Envoy may take to say something about an update."""
KINDS = ("clusters", "listeners", "routes")
"""In this order nothing is named before it is there."""


class Xds:
    """The configuration of one Envoy."""

    def __init__(self, place: Place, admin: Admin) -> None:
        self._place = place
        self._admin = admin
        self._good: dict[str, Text] = {}
        self._sure = False
        """Whether Envoy obeys what is good; one that is yet to start has said nothing."""

    def lay(self, resources: Resources) -> None:
        """Write every file, for an Envoy that is yet to start."""
        self._sure = False
        replace(self._place.bootstrap, resources.bootstrap)
        for kind in KINDS:
            self._put(kind, self._good.get(kind) or _text(resources, kind))

    async def obey(self, resources: Resources) -> None:
        """Have Envoy take all that differs. Raises ConfigRejected or EdgeSilent."""
        if self._sure and all(self._good[kind] == _text(resources, kind) for kind in KINDS):
            return
        now = await self.read()
        for kind in KINDS:
            text = _text(resources, kind)
            if now.versions[kind] != text.version:
                await self._update(kind, text, now)
            self._good[kind] = text
        self._sure = True

    async def read(self) -> Reading:
        """Return what Envoy obeys and has counted."""
        return reading.read(
            await self._admin.get(
                "/stats", format="json", histogram_buckets="cumulative", filter=reading.FILTER
            )
        )

    async def _update(self, kind: str, text: Text, before: Reading) -> None:
        mark = self._log_size()
        self._put(kind, text)
        try:
            await self._taken(kind, text, before.refusals[kind])
        except ConfigRejected as refused:
            self._restore(kind)
            raise ConfigRejected(
                f"Envoy refused the {kind}: {self._reason(mark)}",
                where=refused.where,
                hint="The configuration before it stays in force.",
            ) from None
        except EdgeSilent:
            self._restore(kind)
            raise

    async def _taken(self, kind: str, text: Text, refusals: int) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            now = await self.read()
            if now.versions[kind] == text.version:
                return
            if now.refusals[kind] > refusals:
                raise ConfigRejected("refused", where=str(self._place.discovery(kind)))
            await asyncio.sleep(0.005)
        raise EdgeSilent(
            f"Envoy has said nothing of the new {kind} for {PATIENCE:.0f} s",
            where=str(self._place.discovery(kind)),
        )

    def _put(self, kind: str, text: Text) -> None:
        replace(self._place.discovery(kind), text.content)

    def _restore(self, kind: str) -> None:
        if kind in self._good:
            self._put(kind, self._good[kind])

    def _log_size(self) -> int:
        log = log_file(self._place)
        return log.stat().st_size if log.exists() else 0

    def _reason(self, mark: int) -> str:
        log = log_file(self._place)
        text = log.read_bytes()[mark:].decode(errors="replace") if log.exists() else ""
        return reason(text)


def _text(resources: Resources, kind: str) -> Text:
    text: Text = getattr(resources, kind)
    return text


def reason(log: str) -> str:
    """Return why Envoy refused an update, out of what it logged meanwhile."""
    lines = [re.sub(r"^(\[[^\]]*\]\s*)+", "", line) for line in log.splitlines()]
    telling = [line for line in lines if re.search(r"reject|invalid|error|unable", line, re.I)]
    last = (telling or lines or ["it gave no reason"])[-1]
    return re.sub(r"^.*?update rejected: ", "", last)
