"""Opaque bearer tokens: the token introspection of RFC 7662."""

import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from matapalo.blueprint import Introspection
from matapalo.edge.authorizer.decision import Known, Unknown, Verdict
from matapalo.edge.authorizer.system import System, json_object, moment

INACTIVE = Unknown("the token is not valid, or no longer")


class Introspecting:
    """Asks about tokens. `secret` is ours, towards the introspection endpoint."""

    def __init__(self, login: Introspection, system: System, secret: str | None) -> None:
        self._system = system
        self._headers = {"accept": "application/json"}
        if login.client_id:
            basic = aiohttp.encode_basic_auth(login.client_id, secret or "")
            self._headers["authorization"] = basic

    async def verdict(self, token: str) -> Verdict:
        """Say whose a token is. Raises SecuritySilent."""
        form = {"token": token, "token_type_hint": "access_token"}
        answer = await self._system.ask("POST", data=form, headers=self._headers)
        return read(json_object(*answer), time.time())


def read(answer: Mapping[str, Any], now: float) -> Verdict:
    """Read an introspection response (RFC 7662, section 2.2)."""
    ends, begins = moment(answer.get("exp")), moment(answer.get("nbf"))
    if answer.get("active") is not True:
        return INACTIVE
    if (ends is not None and ends <= now) or (begins is not None and begins > now):
        return INACTIVE
    named = (answer.get(key) for key in ("sub", "username", "client_id"))
    user = next((name for name in named if isinstance(name, str) and name), None)
    if user is None:
        return Unknown("the token is nobody's")
    scope = answer.get("scope")
    return Known(user, tuple(scope.split()) if isinstance(scope, str) else (), ends)
