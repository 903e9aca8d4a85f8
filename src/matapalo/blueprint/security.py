"""The existing security system: who says who a caller is. It stays where it is."""

from typing import Annotated, Literal

from pydantic import Field

from matapalo.blueprint.named import LinkName
from matapalo.blueprint.part import Part, Seconds, Url
from matapalo.blueprint.route import Path, Route
from matapalo.blueprint.secret import SecretRef

PATIENCE: Seconds = 8
"""Seconds for one question: a login that has a bad moment, or starts anew, refuses nobody for it,
as it would not without us. API Gateway gives an authorizer 10, a cold start included."""


class Introspection(Part):
    """Opaque bearer tokens that a server tells about (RFC 7662)."""

    kind: Literal["introspection"]
    url: Url | None = None
    """The introspection endpoint; without one, `path` at the monolith."""
    path: Path = "/oauth/introspect"
    """The endpoint at the monolith, where no `url` is given."""
    client_id: str | None = None
    """Who we are to the introspection endpoint (HTTP Basic), where it asks."""
    client_secret: SecretRef | None = None
    """What proves it."""
    cache: Seconds = 10
    """How long an answer may be used again: the longest a withdrawn token goes on working."""
    timeout: Seconds = PATIENCE
    """How long one question may take; then the caller gets 503."""


class Jwt(Part):
    """Signed bearer tokens (RFC 7519), checked against a published key set (RFC 7517)."""

    kind: Literal["jwt"]
    issuer: str
    """Who signs the tokens (`iss`)."""
    audiences: tuple[str, ...] = ()
    """Whom they are meant for (`aud`): one of these; anybody where none is named."""
    jwks: Url | None = None
    """Where the key set is; without one, `path` at the monolith."""
    path: Path = "/.well-known/jwks.json"
    """The key set at the monolith, where no `jwks` is given."""
    user_claim: str = "sub"
    """The claim that names the user."""
    cache: Seconds = 300
    """How long the key set may be used again."""
    timeout: Seconds = PATIENCE
    """How long fetching the key set may take."""


class Session(Part):
    """A session cookie that an endpoint recognises: 200 and a JSON object, or 401."""

    kind: Literal["session"]
    cookie: str
    """The name of the cookie."""
    url: Url | None = None
    """The endpoint; without one, `path` at the monolith."""
    path: Path = "/session"
    """The endpoint at the monolith, where no `url` is given."""
    user_field: str = "user"
    """The field of the answer that names the user."""
    cache: Seconds = 10
    """How long an answer may be used again: the longest a withdrawn session goes on working."""
    timeout: Seconds = PATIENCE
    """How long one question may take; then the caller gets 503."""


class Security(Part):
    """How callers are known, and which routes need no login."""

    link: LinkName | None = None
    """The link by which AWS reaches it, of `network.links`; the internet where none is named."""
    login: Annotated[Introspection | Jwt | Session, Field(discriminator="kind")]
    """What a caller shows, and who is asked about it."""
    public: tuple[Route, ...] = ()
    """Routes that anybody may call."""
    optional: tuple[Route, ...] = ()
    """Routes where a login is checked when there is one, and not asked for when there is none."""
