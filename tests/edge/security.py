"""A security system of the kinds that there are, and the authorizer in front of it."""

import hmac
import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import TypeAdapter

from matapalo.blueprint import Introspection, Jwt, Session
from matapalo.edge import Endpoint
from matapalo.edge.authorizer import Authorizer
from matapalo.edge.authorizer.credential import Login
from matapalo.edge.authorizer.door_envoy import app
from tests.edge.world import Seen
from tests.support import free_port

SECRET = "a secret between edge and security system"
ISSUER = "https://login.wallet.test"
AUDIENCE = "wallet"


@dataclass
class Accounts:
    """Tokens and sessions; `reply` is what an upstream answers with them."""

    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0
    trouble: tuple[int, dict[str, str], bytes] | None = None

    def reply(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        self.asked += 1
        if self.trouble:
            return self.trouble
        if seen.path == "/oauth/introspect":
            return self._introspect(seen)
        return self._session(seen)

    def _introspect(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        scheme, _, basic = seen.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or b64decode(basic).decode() != f"edge:{SECRET}":
            return 401, {}, b"{}"
        (token,) = parse_qs(seen.body.decode())["token"]
        found = self.tokens.get(token)
        return (
            200,
            {},
            json.dumps({"active": True, **found} if found else {"active": False}).encode(),
        )

    def _session(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        assert seen.headers["cookie"].startswith("sid="), "only the session is shown"
        found = self.tokens.get(seen.headers["cookie"].removeprefix("sid="))
        return (200, {}, json.dumps(found).encode()) if found else (401, {}, b"")


@dataclass
class Door:
    """Where an authorizer answers."""

    endpoint: Endpoint


@asynccontextmanager
async def authorizer(login: dict[str, Any], url: str) -> AsyncIterator[Door]:
    """Run the authorizer, its security system being at `url`."""
    adapter: TypeAdapter[Login] = TypeAdapter(Introspection | Jwt | Session)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        decider = Authorizer(
            adapter.validate_python(login), session=session, where=lambda: url, secret=SECRET
        )
        runner = web.AppRunner(app(decider))
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield Door(Endpoint(host="127.0.0.1", port=port))
        finally:
            await runner.cleanup()


class Signer:
    """Keys of every accepted kind, and one of a stranger's."""

    def __init__(self, suffix: str = "1") -> None:
        self._rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._ec = ec.generate_private_key(ec.SECP256R1())
        self._suffix = suffix

    def jwks(self) -> dict[str, Any]:
        """Return the key set that is published."""
        rsa_key = RSAAlgorithm.to_jwk(self._rsa.public_key(), as_dict=True)
        ec_key = ECAlgorithm.to_jwk(self._ec.public_key(), as_dict=True)
        return {
            "keys": [
                {**rsa_key, "kid": f"rsa{self._suffix}", "use": "sig"},
                {**ec_key, "kid": f"ec{self._suffix}", "use": "sig"},
            ]
        }

    def token(self, algorithm: str = "RS256", /, **changes: Any) -> str:
        """Sign a token; None leaves a claim out."""
        kind = "ec" if algorithm.startswith("ES") else "rsa"
        headers = {"kid": changes.pop("kid", f"{kind}{self._suffix}")}
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "exp": now + 600, **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        key: Any = self._ec if kind == "ec" else self._rsa
        if algorithm == "none":
            key = None
        if algorithm.startswith("HS"):
            return self._forged(claims, headers)
        return jwt.encode(claims, key, algorithm=algorithm, headers=headers)

    def _forged(self, claims: dict[str, Any], headers: dict[str, str]) -> str:
        """Use what a forger has, the public key, as if it were a shared secret."""
        secret = self._rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        parts = [{"alg": "HS256", "typ": "JWT", **headers}, claims]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return f"{text}.{base64url(hmac.digest(secret, text.encode(), 'sha256'))}"


def base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
