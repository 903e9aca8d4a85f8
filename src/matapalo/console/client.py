"""Asking the conductor: what the command line uses."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from pydantic import TypeAdapter

from matapalo.conductor import Crossing, Entry, Event, SliceView, Verified
from matapalo.conductor.comparisons import DifferencesView
from matapalo.console.fault import understood
from matapalo.errors import ConductorSilent

_SILENCE = 120
"""How long the conductor may say nothing, in seconds; more than edges may take to obey."""
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_HINT = "Is it up? On this machine `matapalo up` starts it, `matapalo status` shows it."


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a conductor answers, and the token that its callers show."""

    url: str
    token: str = field(repr=False)


class Client:
    """The conductor's API, typed. Errors come back as what they were; see `Conductor`.

    Every method raises ConductorSilent where the conductor does not answer.
    """

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def slices(self) -> tuple[SliceView, ...]:
        """Return every slice, by name."""
        async with self._asked("GET", "/v1/slices") as answer:
            return tuple(SliceView.model_validate(one) for one in await answer.json())

    async def slice(self, name: str) -> SliceView:
        """Return one slice."""
        async with self._asked("GET", _path(name)) as answer:
            return SliceView.model_validate(await answer.json())

    async def ledger(
        self, *, slice_name: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[Entry, ...]:
        """Return the ledger's last entries after an id, in their order."""
        page = {"after": str(after), "limit": str(limit)}
        page |= {"slice": slice_name} if slice_name else {}
        async with self._asked("GET", "/v1/ledger", params=page) as answer:
            return tuple(Entry.model_validate(one) for one in await answer.json())

    async def edges(self) -> list[dict[str, Any]]:
        """Return every edge, and what it obeys."""
        async with self._asked("GET", "/v1/edges") as answer:
            edges: list[dict[str, Any]] = await answer.json()
            return edges

    async def approve(self, name: str, *, who: str, why: str) -> None:
        """Say yes to a slice's next step."""
        said = {"who": who, "why": why}
        async with self._asked("POST", f"{_path(name)}/approve", json=said):
            return

    async def verify(self, name: str) -> Verified:
        """Compare the content of a slice's tables on both sides now."""
        async with self._asked("POST", f"{_path(name)}/verify", json={}) as answer:
            return Verified.model_validate(await answer.json())

    async def differences(self, name: str) -> DifferencesView:
        """Return how both sides' answers differ, since a slice's stage began."""
        async with self._asked("GET", f"{_path(name)}/differences") as answer:
            return DifferencesView.model_validate(await answer.json())

    async def border(self, name: str) -> tuple[Crossing, ...]:
        """Return what crosses the border of a slice."""
        async with self._asked("GET", f"{_path(name)}/border") as answer:
            return tuple(Crossing(**one) for one in await answer.json())

    async def move(self, verb: str, name: str, wish: Mapping[str, object]) -> AsyncIterator[Event]:
        """Advance a slice or take it `back`; give what happens as it happens."""
        async with self._asked("POST", f"{_path(name)}/{verb}", json=dict(wish)) as answer:
            async for line in answer.content:
                told = json.loads(line)
                if "error" in told:
                    raise understood(told)
                if "done" in told:
                    return
                yield _EVENT.validate_python(told)
        raise ConductorSilent(
            "the conductor went away in the middle of the move",
            hint="A step that had begun goes on by itself: `matapalo slices` shows where it is.",
        )

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._http.request(method, path, params=params, json=json) as answer:
                if not answer.ok:
                    raise understood(await _fault(answer))
                yield answer
        except (aiohttp.ClientError, TimeoutError) as error:
            said = str(error) or "no answer in time"
            raise ConductorSilent(f"the conductor does not answer: {said}", hint=_HINT) from error


@asynccontextmanager
async def connect(seat: Seat) -> AsyncIterator[Client]:
    """Give a client of a conductor."""
    async with aiohttp.ClientSession(
        seat.url,
        headers={"Authorization": f"Bearer {seat.token}"},
        timeout=aiohttp.ClientTimeout(total=None, connect=5, sock_read=_SILENCE),
        read_bufsize=2**20,
    ) as http:
        yield Client(http)


def seat_of(home: Path) -> Seat:
    """Return where the conductor of a state folder answers. Raises ConductorSilent."""
    try:
        url = str(json.loads((home / "conductor.json").read_text())["url"])
        return Seat(url, (home / "token").read_text().strip())
    except FileNotFoundError:
        raise ConductorSilent("no conductor runs here", where=str(home), hint=_HINT) from None
    except (OSError, ValueError, KeyError) as error:
        raise ConductorSilent(
            f"what it says of the conductor cannot be read: {error}", where=str(home), hint=_HINT
        ) from error


def _path(name: str) -> str:
    return f"/v1/slices/{quote(name, safe='')}"


async def _fault(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Return what the conductor said went wrong, or that it said nothing that can be read."""
    text = await answer.text()
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict) and isinstance(told.get("error"), dict):
        return told
    return {"error": {"kind": "ConductorSilent", "what": f"it answered {answer.status}"}}
