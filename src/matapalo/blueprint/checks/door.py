"""Whether the door can tell who comes."""

import re
from collections.abc import Iterator

from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.security import Introspection, Security, Session

GATEWAY_PATIENCE = 30
"""The longest that an HTTP API waits for an integration, in seconds."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What RFC 9110 calls a token: what a header's or a cookie's name may be."""


def check(setting: Setting) -> Iterator[Finding]:
    """Yield names that no header or cookie can have, and logins that cannot work."""
    edge = setting.blueprint.edge
    if not TOKEN.fullmatch(edge.user_cookie):
        hint = "letters, digits, hyphens and underscores"
        yield Finding(("edge", "user_cookie"), "no cookie can be called so", hint)
    if edge.client_header is not None and not TOKEN.fullmatch(edge.client_header):
        hint = "letters, digits and hyphens, like x-real-ip"
        yield Finding(("edge", "client_header"), "no header can be called so", hint)
    if edge.user_header is not None:
        yield from _header(edge.user_header, edge.hops)
    if edge.domain and setting.blueprint.site and edge.domain == setting.blueprint.site.domain:
        hint = "give the API a name of its own, like api." + edge.domain
        yield Finding(("edge", "domain"), "the site has this domain already", hint)
    if setting.blueprint.security:
        yield from _login(setting.blueprint.security, edge.user_cookie)
    if not setting.local:
        yield from _patience(setting)


def _patience(setting: Setting) -> Iterator[Finding]:
    """API Gateway waits half a minute for whoever answers a request, and no longer."""
    blueprint = setting.blueprint
    answering = {piece.to for piece in blueprint.slices.values() if piece.routes}
    timeouts: list[tuple[Loc, float]] = [(("monolith", "timeout"), blueprint.monolith.timeout)]
    for product, part in blueprint.products.items():
        for kind in ("services", "functions"):
            for name, owner in getattr(part, kind).items():
                if owner.routes or f"{product}/{name}" in answering:
                    here: Loc = ("products", product, kind, name, "timeout")
                    timeouts.append((here, owner.timeout))
    for loc, timeout in timeouts:
        if timeout > GATEWAY_PATIENCE:
            what = f"API Gateway waits {GATEWAY_PATIENCE} s for an answer, not {timeout:g} s"
            yield Finding(loc, what, "answer sooner, or later by an event", warning=True)


def _header(header: str, hops: int) -> Iterator[Finding]:
    loc = ("edge", "user_header")
    if not TOKEN.fullmatch(header):
        hint = "letters, digits and hyphens, like x-user"
        yield Finding(loc, "no header can be called so", hint)
    elif header.lower().startswith("x-matapalo-"):
        yield Finding(loc, "the edge takes x-matapalo-… from every request", "choose another")
    elif hops == 0:
        yield Finding(
            loc,
            "any client can write this header, if no proxy before the edge takes it away",
            "say how many proxies there are in `edge.trusted_hops`",
            warning=True,
        )


def _login(security: Security, user_cookie: str) -> Iterator[Finding]:
    login, loc = security.login, ("security", "login")
    if isinstance(login, Introspection) and bool(login.client_id) != bool(login.client_secret):
        have, lack = ("id", "secret") if login.client_id else ("secret", "id")
        yield Finding(loc, f"client_{have} without client_{lack}", "give both, or neither")
    if isinstance(login, Session):
        if not TOKEN.fullmatch(login.cookie):
            hint = "letters, digits, hyphens and underscores"
            yield Finding((*loc, "cookie"), "no cookie can be called so", hint)
        elif login.cookie == user_cookie:
            hint = "change `edge.user_cookie`"
            yield Finding((*loc, "cookie"), "the edge mints a cookie of this name itself", hint)
