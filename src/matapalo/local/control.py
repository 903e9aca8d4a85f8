"""The supervisor's socket: one order a connection, lines of JSON in both directions.

    {"do": "restart", "name": "payments/payments"}  ──▶
    ◀── {"event": {"name": …, "text": …, "seconds": …}}     while it is being done
    ◀── {"done": …}  or  {"error": {"kind", "what", "where", "hint"}}

The socket lies in a folder that only its owner may enter, and is his alone itself.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matapalo import errors
from matapalo.errors import LocalError, MatapaloError, NotUp
from matapalo.local.files import PRIVATE_FILE
from matapalo.local.home import Home
from matapalo.local.keeper import Event

Answer = Callable[[Mapping[str, Any], Callable[[Event], None]], Awaitable[Any]]
"""Does one order; tells events meanwhile; returns what is answered."""


@asynccontextmanager
async def taking_orders(path: Path, answer: Answer) -> AsyncIterator[None]:
    """Take orders at a socket."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve_one(reader, writer, answer)
        except ConnectionError:
            return  # whoever asked went away
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, sock=_listener(path))
    try:
        yield
    finally:
        server.close()
        _remove(path)


async def order(
    home: Home, what: Mapping[str, Any], tell: Callable[[Event], None] = lambda _: None
) -> Any:
    """Give an order to the supervisor and return its answer.

    Raises NotUp if there is none, and whatever error it answers with.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(home.socket)
    except OSError:
        raise NotUp(
            "nothing runs from this folder", where=str(home.folder), hint="`matapalo up` starts it"
        ) from None
    try:
        writer.write(_line(what))
        async for raw in reader:
            line = json.loads(raw)
            if "event" not in line:
                return _outcome(line)
            tell(Event(**line["event"]))
    finally:
        writer.close()
    raise NotUp("the supervisor ended before it answered", where=str(home.folder))


def _listener(path: Path) -> socket.socket:
    _remove(path)  # an `up` that was killed leaves its own; this one holds the lock
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(PRIVATE_FILE)
    return listener


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _serve_one(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
) -> None:
    def tell(event: Event) -> None:
        writer.write(_line({"event": asdict(event)}))

    try:
        outcome = {"done": await answer(json.loads(await reader.readline()), tell)}
    except MatapaloError as error:
        outcome = {"error": _described(error)}
    except (ValueError, KeyError, TypeError) as error:
        outcome = {"error": _described(LocalError(f"this is no order: {error!r}"))}
    writer.write(_line(outcome))
    await writer.drain()


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _described(error: MatapaloError) -> dict[str, str]:
    kind = type(error).__name__
    return {"kind": kind, "what": error.what, "where": error.where, "hint": error.hint}


def _outcome(line: Mapping[str, Any]) -> Any:
    if "error" not in line:
        return line["done"]
    told = line["error"]
    kind = getattr(errors, told["kind"], LocalError)
    raise kind(told["what"], where=told["where"], hint=told["hint"])
