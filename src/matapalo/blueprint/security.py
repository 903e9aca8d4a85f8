"""The existing security system: who says who a caller is. It stays where it is."""

from typing import Annotated, Literal

from pydantic import Field

from matapalo.blueprint.part import Name, Part, Seconds, Url
from matapalo.blueprint.route import Path, Route
from matapalo.blueprint.secret import SecretRef


class Introspection(Part):
    """Opaque bearer tokens that a server tells about (RFC 7662)."""

    kind: Literal["introspection"]
    url: Url | None = None
    """The introspection endpoint; without one, `path` at the monolith."""
    path: Path = "/oauth/introspect"
    client_id: str | None = None
    """Who we are to the introspection endpoint (HTTP Basic), where it asks."""
    client_secret: SecretRef | None = None
    cache: Seconds = 10
    """How long an answer may be used again: the longest a withdrawn token goes on working."""
    timeout: Seconds = 2


class Jwt(Part):
    """Signed bearer tokens (RFC 7519), checked against a published key set (RFC 7517)."""

    kind: Literal["jwt"]
    issuer: str
    audiences: tuple[str, ...] = ()
    jwks: Url | None = None
    """Where the key set is; without one, `path` at the monolith."""
    path: Path = "/.well-known/jwks.json"
    user_claim: str = "sub"
    cache: Seconds = 300
    """How long the key set may be used again."""
    timeout: Seconds = 2


class Session(Part):
    """A session cookie that an endpoint recognises: 200 and a JSON object, or 401."""

    kind: Literal["session"]
    cookie: str
    url: Url | None = None
    """The endpoint; without one, `path` at the monolith."""
    path: Path = "/session"
    user_field: str = "user"
    """The field of the answer that names the user."""
    cache: Seconds = 10
    timeout: Seconds = 2


class Security(Part):
    """How callers are known, and which routes need no login."""

    link: Name | None = None
    """The link by which AWS reaches it, of `network.links`; the internet where none is named."""
    login: Annotated[Introspection | Jwt | Session, Field(discriminator="kind")]
    """What a caller shows, and who is asked about it."""
    public: tuple[Route, ...] = ()
    """Routes that anybody may call."""
    optional: tuple[Route, ...] = ()
    """Routes where a login is checked when there is one, and not asked for when there is none."""
