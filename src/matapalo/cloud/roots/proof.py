"""Who says who a caller is: what the authorizer of API Gateway is told."""

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from matapalo.blueprint import Introspection, Jwt, Route, Security, Session
from matapalo.blueprint.relations import HTTPS
from matapalo.cloud.hcl import Expr, Value
from matapalo.cloud.root import read
from matapalo.cloud.scene import Scene

JWT_KEPT = 10
"""Seconds that API Gateway keeps what a signed token said; it may end within."""
LONGEST = 8.0
"""Seconds that a question may take, of the 10 that API Gateway gives an authorizer."""


def login(scene: Scene, security: Security) -> str:
    """Return the login as JSON, with its URL.

    Of the time that an answer may be used again API Gateway has one half, the function the other.
    Source of the 10 seconds: "Quotas for configuring and running an HTTP API in API Gateway".
    """
    it = security.login
    given = it.model_dump(mode="json", exclude_none=True, exclude={"client_secret"})
    given["jwks" if isinstance(it, Jwt) else "url"] = url(scene, security)
    given["timeout"] = min(LONGEST, it.timeout)
    if not isinstance(it, Jwt):
        given["cache"] = it.cache - kept(security)
    return json.dumps(given, sort_keys=True)


def url(scene: Scene, security: Security) -> str:
    """Return whom the authorizer asks."""
    it = security.login
    given = it.jwks if isinstance(it, Jwt) else it.url
    return given or f"{scene.blueprint.monolith.url or ''}{it.path}"


def kept(security: Security) -> int:
    """Return for how many seconds API Gateway uses an answer again."""
    return JWT_KEPT if isinstance(security.login, Jwt) else int(security.login.cache / 2)


def sources(security: Security) -> list[str]:
    """Return what a caller has to show before anybody is asked."""
    header = "Cookie" if isinstance(security.login, Session) else "Authorization"
    return [f"$request.header.{header}"]


def as_json(routes: Iterable[Route]) -> str:
    """Return routes as JSON."""
    return json.dumps([route.model_dump(mode="json") for route in routes], sort_keys=True)


def secret(scene: Scene, security: Security) -> Value:
    """Return the ARN of what proves who we are, where the security system asks."""
    it = security.login
    if not isinstance(it, Introspection) or it.client_secret is None:
        return None
    arns = read(f"{scene.environment}/platform", "secret_arns").text
    return Expr(f'{arns}["{it.client_secret.secret}"]')


def network(scene: Scene, security: Security) -> Value:
    """Return where the authorizer runs, where the security system is reached by a link."""
    b = scene.blueprint
    it = security.login
    own = it.jwks if isinstance(it, Jwt) else it.url
    link = b.network.links.get((security.link if own else b.monolith.link) or "")
    if link is None:
        return None
    parts = urlsplit(url(scene, security))
    port = parts.port or (HTTPS if parts.scheme == "https" else 80)
    reached: list[Value] = [{"cidr": cidr, "port": port} for cidr in getattr(link, "cidrs", ())]
    path = f"{scene.environment}/network"
    return {
        "vpc_id": read(path, "vpc_id"),
        "subnet_ids": read(path, "private_subnet_ids"),
        # Secrets Manager answers at an endpoint within the network.
        "reaches": [*reached, {"cidr": read(path, "cidr"), "port": HTTPS}],
    }
