"""Who may come in: whoever has the run's access key, and anybody to read the site.

ministack checks no signatures and takes a caller without a key, with the key `test` or with an
account's number for the owner of everything. The secrets of the system are in it, so the key's
identifier is made unguessable here, and is what a caller is known by.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

HEALTH = "/_ministack/health"
SESSION_KEY = "ASIA"
"""How the keys begin that the emulator's own STS gave out; it knows its own."""

_CREDENTIAL = re.compile(r"Credential=([^/]+)/")


def admits(scope: Mapping[str, Any], key_id: str, public: str) -> bool:
    """Whether a request may pass: `public` is the bucket that anybody may read."""
    if scope["type"] == "lifespan":
        return True
    if scope["type"] != "http":
        return False
    key = key_of(scope["headers"], scope["query_string"].decode("latin-1"))
    if key:
        return hmac.compare_digest(key.encode(), key_id.encode()) or key.startswith(SESSION_KEY)
    readable = scope["path"] == HEALTH or (public and scope["path"].startswith(f"/{public}/"))
    return scope["method"] in {"GET", "HEAD"} and bool(readable)


def key_of(headers: Iterable[tuple[bytes, bytes]], query: str) -> str:
    """Return the identifier of the access key that a request was signed with; empty if none."""
    for name, value in headers:
        if name.lower() == b"authorization":
            found = _CREDENTIAL.search(value.decode("latin-1"))
            return found[1] if found else ""
    credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
    return credential.partition("/")[0]
