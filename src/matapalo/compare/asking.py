"""Asking one side, and what became of it."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from matapalo.compare.answers import Answer, Body
from matapalo.compare.copy import Copy
from matapalo.compare.places import Place, Places
from matapalo.compare.room import Lease

LARGE = 512 * 1024
"""Bytes of a body that are looked into; a larger one is only the same or not."""
CONNECT = 2.0
"""Seconds to wait for a connection."""
IDLE = 4.0
"""Seconds an unused connection is kept: less than the 5 that many servers keep theirs."""
HEADERS = 64 * 1024
"""Bytes of one header that an answer may have."""
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """There was no answer."""

    kind: Literal["timeout", "refused", "broken"]
    why: str


def session() -> aiohttp.ClientSession:
    """Return what sides are asked with: nothing of one answer goes into the next question."""
    return aiohttp.ClientSession(
        # How many ask at once is decided for each slice apart: no slice waits for another.
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("accept", "content-type", "user-agent"),
        max_field_size=HEADERS,
        max_line_size=HEADERS,
    )


class Side:
    """The monolith, or who takes a slice over; `timeout` is how long it may take, in seconds."""

    def __init__(
        self, http: aiohttp.ClientSession, places: Places, name: str, timeout: float
    ) -> None:
        self._http = http
        self._places = places
        self._name = name
        self._seconds = timeout
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT)

    async def ask(self, copy: Copy, lease: Lease) -> Answer | Failure:
        """Ask what a copy asks. Raises NoRoom where the body finds none."""
        place = self._places.find(self._name)
        if place is None:
            return Failure("refused", "it is nowhere")
        try:
            return await self._ask(copy, place, lease)
        except aiohttp.ConnectionTimeoutError:
            return Failure("refused", f"it takes no connection in {CONNECT:g} s")
        except TimeoutError:
            return Failure("timeout", f"no answer in {self._seconds:g} s")
        except aiohttp.ClientConnectorError:
            return Failure("refused", "it takes no connection")
        except (aiohttp.ClientError, OSError) as error:
            return Failure("broken", f"it broke off ({type(error).__name__})")

    async def _ask(self, copy: Copy, place: Place, lease: Lease) -> Answer:
        async with self._http.request(
            copy.method,
            URL(place.url + copy.target, encoded=True),
            headers=_headers(copy, place),
            allow_redirects=False,
            timeout=self._timeout,
        ) as response:
            body = await _body(response.content, lease)
        names = {name.lower() for name in response.headers}
        said = {name: ", ".join(response.headers.getall(name)) for name in names}
        return Answer(response.status, said, body)


def _headers(copy: Copy, place: Place) -> CIMultiDict[str]:
    headers = CIMultiDict(copy.headers)
    if place.tls and "host" in headers:
        # A server behind TLS answers to its own name, as the edge sees it.
        headers["x-forwarded-host"] = headers.pop("host")
    return headers


async def _body(stream: aiohttp.StreamReader, lease: Lease) -> Body:
    """Read a body; nothing of a large one is kept."""
    digest, size, pieces = hashlib.sha256(), 0, bytearray()
    async for piece in stream.iter_chunked(_PIECE):
        digest.update(piece)
        size += len(piece)
        if size <= LARGE:
            lease.take(len(piece))
            pieces += piece
        elif pieces:
            lease.give(len(pieces))
            pieces.clear()
    return Body(size, digest.digest(), bytes(pieces) if size <= LARGE else None)
