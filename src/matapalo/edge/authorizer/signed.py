"""Signed bearer tokens: checked against a published key set (RFC 7517, RFC 7519)."""

import time
from collections.abc import Mapping
from typing import Any

import jwt

from matapalo.blueprint import Jwt
from matapalo.edge.authorizer.decision import Known, SecuritySilent, Unknown, Verdict
from matapalo.edge.authorizer.system import System, json_object

ALGORITHMS = {"RS256": "RSA", "ES256": "EC", "PS256": "RSA"}
"""Ways to sign, and the kind of key each takes. Public keys only: with `none` or a shared secret,
whoever knows the key set signs."""
CLOCK_SKEW = 60
"""Seconds that the clock of whoever signs may be off."""
UNKNOWN_KEY = 10.0
"""Seconds between two fetches that are made only because a token names an unknown key."""

Keys = Mapping[str | None, jwt.PyJWK]


class Checking:
    """Checks tokens."""

    def __init__(self, login: Jwt, system: System) -> None:
        self._login = login
        self._system = system
        self._keys: Keys = {}
        self._fetched = float("-inf")

    async def verdict(self, token: str) -> Verdict:
        """Say whose a token is. Raises SecuritySilent."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                return Unknown("the token is signed in a way that is not accepted")
            key = await self._key(header.get("kid"))
            if key is None or key.key_type != ALGORITHMS[header["alg"]]:
                return Unknown("the token's key is unknown")
            return self._check(token, key)
        except jwt.PyJWTError as error:
            return Unknown(f"the token is not valid: {error}", status=_status(error))

    def _check(self, token: str, key: jwt.PyJWK) -> Verdict:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=list(ALGORITHMS),
            issuer=self._login.issuer,
            audience=self._login.audiences or None,
            leeway=CLOCK_SKEW,
            options={"require": ["exp", "iss"], "verify_aud": bool(self._login.audiences)},
        )
        user = claims.get(self._login.user_claim)
        if not isinstance(user, str) or not user:
            return Unknown(f"the token has no `{self._login.user_claim}`")
        scope = claims.get("scope")
        scopes = tuple(scope.split()) if isinstance(scope, str) else ()
        return Known(user, scopes, float(claims["exp"]) + CLOCK_SKEW)

    async def _key(self, kid: str | None) -> jwt.PyJWK | None:
        age = time.monotonic() - self._fetched
        if age > self._login.cache or (kid not in self._keys and age > UNKNOWN_KEY):
            self._keys = await self._fetch()
            self._fetched = time.monotonic()
        return self._keys.get(kid)

    async def _fetch(self) -> Keys:
        answer = json_object(*await self._system.ask("GET"))
        try:
            keys = jwt.PyJWKSet.from_dict(answer).keys
        except jwt.PyJWTError as error:
            raise SecuritySilent(f"the key set cannot be read: {error}") from error
        keys = [key for key in keys if key.public_key_use in (None, "sig")]
        by_id: dict[str | None, jwt.PyJWK] = {key.key_id: key for key in keys}
        # A token may leave out its key's name where there is only one.
        return {None: keys[0], **by_id} if len(keys) == 1 else by_id


def _status(error: jwt.PyJWTError) -> int:
    """Say 403 for a token that is a good one, but for somebody else; as Envoy does."""
    missing = isinstance(error, jwt.MissingRequiredClaimError) and error.claim == "aud"
    return 403 if missing or isinstance(error, jwt.InvalidAudienceError) else 401
