"""What is asked, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from matapalo.errors import EdgeError

Outcome = Literal["allow", "deny", "unavailable"]


@dataclass(frozen=True, slots=True)
class AuthRequest:
    """A request that somebody wants to make. The names of its headers are in lower case."""

    headers: Mapping[str, str]
    optional: bool = False
    """Whether it may be made without showing anything."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes, no, or not now; and for how many seconds the answer may be used again."""

    outcome: Outcome
    status: int
    """The HTTP status that says so: 200, 401, 403 or 503."""
    user: str = ""
    scopes: tuple[str, ...] = ()
    ttl: float = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Whose a credential is. `ends` is its own end, in seconds since 1970, if it has one."""

    user: str
    scopes: tuple[str, ...] = ()
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A credential that is nobody's, or no longer."""

    why: str
    status: int = 401


Verdict = Known | Unknown


class SecuritySilent(EdgeError):
    """The security system does not answer, or not so that it can be understood."""
