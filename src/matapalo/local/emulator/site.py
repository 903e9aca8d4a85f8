"""A file of the site as a bucket keeps it: its key, and what a browser is told about it."""

import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

FINGERPRINT = re.compile(r"[.-](?=\w*\d)(?=\w*[A-Za-z])\w{8,}\.\w+$")
"""`app-3f9c01ab.js`: the end of the name changes with the content."""

TYPES = mimetypes.MimeTypes()
"""Python's own table and none of this machine's, so that a site is the same from everywhere."""
for kind, suffix in (
    ("application/manifest+json", ".webmanifest"),
    ("font/woff2", ".woff2"),
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
):
    TYPES.add_type(kind, suffix)


@dataclass(frozen=True)
class SiteFile:
    """A file of the site."""

    key: str
    content: bytes = field(repr=False)

    @property
    def tag(self) -> str:
        """The ETag that S3 gives it."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, by the names that S3 gives them."""
        return {"ContentType": content_type(self.key), "CacheControl": cache_control(self.key)}


def content_type(key: str) -> str:
    """Return a file's media type; text is UTF-8."""
    kind, _ = TYPES.guess_type(key)
    kind = kind or "application/octet-stream"
    text = kind.startswith("text/") or kind in {"application/json", "image/svg+xml"}
    return f"{kind}; charset=utf-8" if text else kind


def cache_control(key: str) -> str:
    """Return how long a file may be kept: for ever if its name changes with its content."""
    if FINGERPRINT.search(PurePosixPath(key).name):
        return "public, max-age=31536000, immutable"
    return "no-cache"
