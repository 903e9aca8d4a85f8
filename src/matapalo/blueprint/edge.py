"""The door: what every request passes."""

from matapalo.blueprint.part import Part, Port, Seconds


class RateLimit(Part):
    """How fast one client may ask."""

    per_second: int = 200
    """Requests a second, kept up."""
    burst: int | None = None
    """Requests at once; twice `per_second` where not given."""


class Limits(Part):
    """What one request may be."""

    header_kib: int = 60
    """All its headers together, in KiB."""
    body_kib: int = 10_240
    """Its body, in KiB."""
    request: Seconds = 30
    """How long it may take to arrive, in seconds."""
    idle: Seconds = 300
    """How long a connection may be silent, in seconds."""
    rate: RateLimit | None = RateLimit()


class Edge(Part):
    """The door that all requests use."""

    port: Port | None = None
    """Where it listens; a free one where not given."""
    trusted_hops: int = 0
    """How many proxies before it may be believed about the client's address (X-Forwarded-For)."""
    user_header: str | None = None
    """A request header that names the user, set by a proxy before the edge and by no client."""
    user_cookie: str = "matapalo_user"
    """The cookie that the edge mints for callers it does not know, to keep them on one side."""
    reveal_side: bool = False
    """Tell the caller which side answered, in the header `x-matapalo-side`."""
    drain: Seconds = 10
    """How long requests in flight may take to end when the edge stops."""
    limits: Limits = Limits()
