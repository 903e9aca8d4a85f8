"""What a caller shows."""

import hashlib
import re
from collections.abc import Mapping

from matapalo.blueprint import Introspection, Jwt, Session
from matapalo.edge.authorizer.decision import Unknown

Login = Introspection | Jwt | Session

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
"""The letters of a bearer token (RFC 6750, section 2.1)."""
LONGEST = 16_384


def shown(login: Login, headers: Mapping[str, str]) -> str | Unknown | None:
    """Return the credential; nothing if none is shown; why not, if it cannot be one."""
    if isinstance(login, Session):
        return _cookie(login.cookie, headers.get("cookie", ""))
    return _bearer(headers.get("authorization"))


def digest(credential: str) -> bytes:
    """Return what a credential is known by, from which it cannot be made again."""
    return hashlib.sha256(credential.encode()).digest()


def _bearer(header: str | None) -> str | Unknown | None:
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer":
        return Unknown("a bearer token is asked for")
    if len(token) > LONGEST or not _TOKEN.fullmatch(token):
        return Unknown("this is no bearer token")
    return token


def _cookie(name: str, header: str) -> str | None:
    """The first one of that name counts, as it does in the edge's memory."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and value and len(value) <= LONGEST:
            return value
    return None
