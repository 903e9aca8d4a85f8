"""The door for Envoy: its ext_authz filter asks `/check` plus the path of the request."""

from aiohttp import web
from multidict import CIMultiDictProxy

from matapalo.edge.authorizer.decide import Authorizer
from matapalo.edge.authorizer.decision import AuthRequest, Decision
from matapalo.edge.resources.names import SCOPES, USER
from matapalo.edge.resources.security import TTL

REALM = "matapalo"


def app(authorizer: Authorizer) -> web.Application:
    """Return the application."""

    async def check(request: web.Request) -> web.Response:
        return answer(await authorizer.decide(asked(request.headers)))

    application = web.Application()
    application.router.add_get("/health", _health)
    application.router.add_route("*", "/check{path:.*}", check)
    return application


def asked(found: CIMultiDictProxy[str]) -> AuthRequest:
    """Return what a request asks. Of two tokens none is valid: who would say which one counts?"""
    headers = {"authorization": ", ".join(found.getall("authorization", ()))}
    headers |= {"cookie": "; ".join(found.getall("cookie", ()))}
    return AuthRequest({name: value for name, value in headers.items() if value})


def answer(decision: Decision) -> web.Response:
    """Return a decision as Envoy reads it; it makes JSON of the reason itself."""
    if decision.outcome == "allow":
        headers = {USER: decision.user, TTL: f"{decision.ttl:.3f}"}
        if decision.scopes:
            headers[SCOPES] = " ".join(decision.scopes)
        return web.Response(headers=headers)
    extra = {"retry-after": "1"} if decision.outcome == "unavailable" else {}
    if decision.status == web.HTTPUnauthorized.status_code:
        extra = {"www-authenticate": f'Bearer realm="{REALM}"'}
    return web.Response(status=decision.status, text=decision.why, headers=extra)


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
