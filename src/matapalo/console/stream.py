"""A move told line by line (application/x-ndjson), while it goes on."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing

from aiohttp import web

from matapalo.conductor import Arrived, Event
from matapalo.console.fault import told
from matapalo.errors import MatapaloError

CONTENT_TYPE = "application/x-ndjson"


async def listed(events: Iterable[Event]) -> AsyncGenerator[Event, None]:
    """Give events that are known already as if they came."""
    for event in events:
        yield event


async def streamed(request: web.Request, events: AsyncGenerator[Event, None]) -> web.StreamResponse:
    """Send a move's events, and at last where the slice arrived or what ended the move.

    A move that is refused before it told anything is an error like any other, raised. When the
    client goes away the events are closed: see `Conductor.advance`.
    """
    async with aclosing(events):
        first = await anext(events, None)
        response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE})
        await response.prepare(request)
        try:
            async for line in _lines(first, events):
                await response.write(line)
            await response.write_eof()
        except ConnectionError:
            return response
    return response


async def _lines(first: Event | None, events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    arrived: Arrived | None = None
    try:
        event = first
        while event is not None:
            arrived = event if isinstance(event, Arrived) else arrived
            yield _line(event.model_dump(mode="json"))
            event = await anext(events, None)
    except MatapaloError as error:
        yield _line(told(error))
        return
    yield _line({"done": arrived.model_dump(mode="json") if arrived else None})


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
