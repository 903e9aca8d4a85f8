"""Who a caller is: passwords, opaque tokens, and what others may ask about a token (RFC 7662)."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .database import Pool, now, row
from .refused import Refused

LIFE = timedelta(hours=8)
COST = 2**14


@dataclass(frozen=True)
class Caller:
    """A customer who is logged in."""

    id: int
    name: str
    email: str
    level: int
    account: int


def hash_password(password: str, salt: bytes, cost: int = COST) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1)
    return f"scrypt${cost}${salt.hex()}${digest.hex()}"


def is_password(password: str, kept: str) -> bool:
    _, cost, salt, _ = kept.split("$")
    return hmac.compare_digest(hash_password(password, bytes.fromhex(salt), int(cost)), kept)


NOBODY = hash_password(secrets.token_hex(), b"no such customer", 2**4)


async def log_in(pool: Pool, phone: str, password: str) -> tuple[str, str]:
    """Return a new token and the customer's name."""
    customer = await row(pool, "select id, name, password from customers where phone = %s", phone)
    kept = customer["password"] if customer else NOBODY  # an unknown phone costs a hash as well
    if not await asyncio.to_thread(is_password, password, kept) or customer is None:
        raise Refused(401, "wrong_login", "El celular o la clave no son correctos.")
    token = secrets.token_urlsafe(32)
    await row(
        pool,
        "insert into tokens (digest, customer_id, expires_at) values (%s, %s, %s) returning 1",
        *(_digest(token), customer["id"], now() + LIFE),
    )
    return token, customer["name"]


async def log_out(pool: Pool, token: str) -> None:
    await row(
        pool,
        "update tokens set revoked_at = now() where digest = %s and revoked_at is null returning 1",
        _digest(token),
    )


async def caller_of(pool: Pool, token: str) -> Caller | None:
    found = await row(
        pool,
        """select c.id, c.name, c.email, c.level, a.id as account
           from tokens t
           join customers c on c.id = t.customer_id
           join accounts a on a.customer_id = c.id
           where t.digest = %s and t.expires_at > now() and t.revoked_at is null""",
        _digest(token),
    )
    return Caller(**found) if found else None


async def introspect(pool: Pool, token: str) -> dict[str, Any]:
    """Return what RFC 7662 says of a token; of one that does not work, only that."""
    found = await row(
        pool,
        """select c.id, c.phone, t.issued_at, t.expires_at
           from tokens t join customers c on c.id = t.customer_id
           where t.digest = %s and t.expires_at > now() and t.revoked_at is null""",
        _digest(token),
    )
    if found is None:
        return {"active": False}
    return {
        "active": True,
        "sub": str(found["id"]),
        "username": found["phone"],
        "scope": "wallet",
        "token_type": "Bearer",
        "iat": int(found["issued_at"].timestamp()),
        "exp": int(found["expires_at"].timestamp()),
    }


def is_client(authorization: str, secret: str) -> bool:
    """Whether an Authorization header (HTTP Basic) is the one client that may introspect."""
    expected = "Basic " + base64.b64encode(f"matapalo:{secret}".encode()).decode()
    return bool(secret) and hmac.compare_digest(authorization.encode(), expected.encode())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
