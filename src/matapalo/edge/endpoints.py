"""Where everything answers that an edge sends requests to.

Locally the supervisor writes it to a file whenever something moves; on EKS it is made once from
the names that Kubernetes gives.
"""

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict


class Endpoint(BaseModel):
    """A host and a port that answer HTTP, perhaps over TLS and below a path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int
    tls: bool = False

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Return where a URL's server answers; its path is left out."""
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        return cls(host=parts.hostname or "", port=parts.port or (443 if tls else 80), tls=tls)


class Endpoints(BaseModel):
    """By name: `monolith`, `product/service`, `product/function`, `authorizer`, `site`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: dict[str, tuple[Endpoint, ...]] = {}
    site_prefix: str = ""
    """The path below which the site's endpoint keeps the files (a bucket's name)."""
