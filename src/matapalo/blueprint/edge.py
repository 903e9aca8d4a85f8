"""The door: what every request passes."""

from typing import Annotated

from pydantic import AfterValidator, Field

from matapalo.blueprint.part import Part, Port, Seconds, matching
from matapalo.blueprint.route import Route
from matapalo.blueprint.words import Cidr, Domain

_COUNTRY = "^[A-Z]{2}$"

Country = Annotated[
    str,
    AfterValidator(matching(_COUNTRY, "a country is two capital letters, like CO")),
    Field(json_schema_extra={"pattern": _COUNTRY, "x-word": "country"}),
]
"""A country by its ISO 3166 code."""


class RateLimit(Part):
    """How fast one client may ask."""

    per_second: int = Field(default=200, ge=1)
    """Requests a second, kept up."""
    burst: int | None = Field(default=None, ge=1)
    """Requests at once; twice `per_second` where not given."""


class Limits(Part):
    """What one request may be."""

    header_kib: int = Field(default=60, ge=1, le=8192)
    """All its headers together, in KiB."""
    body_kib: int = Field(default=10_240, ge=1)
    """Its body, in KiB."""
    request: Seconds = 30
    """How long it may take to arrive, in seconds."""
    idle: Seconds = 300
    """How long a connection may be silent, in seconds."""
    rate: RateLimit | None = RateLimit()


class Firewall(Part):
    """What the web application firewall (WAF) keeps out, before the site and before the API."""

    managed: bool = True
    """The groups of rules that AWS keeps against common attacks and known bad addresses."""
    rate: int = Field(default=2000, ge=10, le=2_000_000_000)
    """Requests of one address in five minutes; more are refused."""
    countries: tuple[Country, ...] = ()
    """Only callers from these countries; every country where none is named."""
    blocked: tuple[Cidr, ...] = ()
    """Addresses that are always refused."""


class Edge(Part):
    """The door that all requests use."""

    domain: Domain | None = None
    """The name that the API is found by."""

    port: Port | None = None
    """Where it listens; a free one where not given."""
    trusted_hops: int = Field(default=0, ge=0, le=20)
    """How many proxies before it may be believed about the client's address (X-Forwarded-For)."""
    client_header: str | None = None
    """A request header that names the client's address, set by a proxy before the edge and by no
    client. It is believed instead of X-Forwarded-For. On AWS it is CloudFront's, and not to be
    given."""
    user_header: str | None = None
    """A request header that names the user, set by a proxy before the edge and by no client."""
    user_cookie: str = "matapalo_user"
    """The cookie that the edge mints for callers it does not know, to keep them on one side."""
    closed: tuple[Route, ...] = ()
    """What nobody reaches through the edge: it answers 404 there."""
    reveal_side: bool = False
    """Tell the caller which side answered, in the header `x-matapalo-side`."""
    drain: Seconds = 10
    """How long requests in flight may take to end when the edge stops."""
    limits: Limits = Limits()
    firewall: Firewall = Firewall()

    @property
    def hops(self) -> int:
        """How many addresses of proxies follow the client's, by the time that somebody answers."""
        return 1 if self.client_header else self.trusted_hops
