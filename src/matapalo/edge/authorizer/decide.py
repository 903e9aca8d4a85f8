"""The one decision."""

import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import aiohttp

from matapalo.blueprint import Introspection, Session
from matapalo.edge.authorizer.credential import Login, digest, shown
from matapalo.edge.authorizer.decision import (
    AuthRequest,
    Decision,
    Known,
    SecuritySilent,
    Unknown,
    Verdict,
)
from matapalo.edge.authorizer.introspection import Introspecting
from matapalo.edge.authorizer.remembered import Entry, Remembered
from matapalo.edge.authorizer.session import Recognising
from matapalo.edge.authorizer.signed import Checking
from matapalo.edge.authorizer.system import System, Where

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
"""What may stand in a header as it is."""


class Authorizer:
    """Decides about requests, by one way of login."""

    def __init__(
        self,
        login: Login,
        *,
        session: aiohttp.ClientSession,
        where: Where,
        secret: str | None = None,
    ) -> None:
        self._login = login
        self._ask = _asking(login, System(session, where, login.timeout), secret)
        self._remembered = Remembered(login.cache)

    async def decide(self, request: AuthRequest) -> Decision:
        """Decide. Never raises: what is not certain is not allowed."""
        credential = shown(self._login, request.headers)
        if credential is None and request.optional:
            return Decision("allow", 200)
        if credential is None:
            return _denied(Unknown("who are you?"))
        if isinstance(credential, Unknown):
            return _denied(credential)
        try:
            entry = await self._remembered.get(digest(credential), lambda: self._ask(credential))
        except SecuritySilent as silent:
            return Decision("unavailable", 503, why=silent.what)
        return decided(entry, time.time())


def decided(entry: Entry, now: float) -> Decision:
    """Return what an answer of the security system means."""
    left = max(0.0, entry.until - now)
    match entry.verdict:
        case Known(user, scopes, _):
            return Decision(
                "allow", 200, user=_printable(user), scopes=tuple(map(_printable, scopes)), ttl=left
            )
        case Unknown() as unknown:
            return _denied(unknown, left)


def _denied(unknown: Unknown, ttl: float = 0) -> Decision:
    return Decision("deny", unknown.status, ttl=ttl, why=unknown.why)


def _printable(text: str) -> str:
    return quote(text, safe=PRINTABLE.replace("%", "") if not text.isascii() else PRINTABLE)


def _asking(
    login: Login, system: System, secret: str | None
) -> Callable[[str], Awaitable[Verdict]]:
    if isinstance(login, Introspection):
        return Introspecting(login, system, secret).verdict
    if isinstance(login, Session):
        return Recognising(login, system).verdict
    return Checking(login, system).verdict
