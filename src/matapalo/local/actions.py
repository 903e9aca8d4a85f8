"""Doing what a process needs done before or after it starts."""

import asyncio
import shlex
import signal
from pathlib import Path

import psycopg

from matapalo.errors import StartFailed
from matapalo.local import postgres
from matapalo.local.child import Child
from matapalo.local.files import write
from matapalo.local.identity import MARK
from matapalo.local.spec import (
    Action,
    Command,
    NewDatabase,
    NewServer,
    PrivateFile,
    SecretsKept,
    SiteUploaded,
)


async def perform(action: Action, log: Path) -> None:
    """Do it. Raises StartFailed where it cannot be done."""
    try:
        await _perform(action, log)
    except (OSError, psycopg.Error) as error:
        raise StartFailed(f"{type(action).__name__}: {error}") from error


async def _perform(action: Action, log: Path) -> None:
    match action:
        case Command():
            await _run(action, log)
        case NewServer():
            await postgres.make_server(action)
        case NewDatabase():
            await postgres.make_database(action)
        case PrivateFile():
            write(action.path, action.text)
        case SecretsKept() | SiteUploaded():
            await asyncio.to_thread(_put_into_emulator, action)


def _put_into_emulator(action: SecretsKept | SiteUploaded) -> None:
    from matapalo.local.emulator import client  # noqa: PLC0415 - slow to import

    client.put(action)


async def _run(command: Command, log: Path) -> None:
    child = await Child.spawn(command, log, dict(command.env)[MARK])
    try:
        status = await child.ended()
    except asyncio.CancelledError:
        await child.stop(signal.SIGTERM, grace=5)
        raise
    if status != 0:
        raise StartFailed(f"`{shlex.join(command.words)}` ended with status {status}")
