"""The emulator's process."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from matapalo.local.emulator.door import admits
from matapalo.local.ports import LOOPBACK

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

ACCOUNT = "000000000000"

PASSED_ON = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "LANG", "MATAPALO_HOME", "PATH", "TZ")
"""What it keeps of its environment: functions that it ran would see all of it."""


def settings(folder: Path, port: int, region: str) -> dict[str, str]:
    """Return the environment that makes ministack safe. It reads it when it is imported."""
    return {
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "GATEWAY_PORT": str(port),
        "HOME": str(folder),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_REGION": region,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),
    }


def serve(folder: Path, port: int, region: str, public: str) -> None:
    """Run the emulator until SIGTERM or SIGINT; anybody may read the bucket `public`."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    os.environ.clear()
    os.environ.update(kept | settings(folder, port, region))
    for below in ("s3", "state", "tmp"):
        (folder / below).mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(_serve(port, public))


async def _serve(port: int, public: str) -> None:
    # Only now, with the environment set; and they are slow to import.
    import hypercorn.asyncio  # noqa: PLC0415
    import hypercorn.config  # noqa: PLC0415
    from ministack import app as ministack  # noqa: PLC0415

    from matapalo.local.emulator.snapshots import Snapshots  # noqa: PLC0415

    config = hypercorn.config.Config()
    config.bind = [f"{LOOPBACK}:{port}"]
    config.graceful_timeout = 2
    config.loglevel = "WARNING"
    snapshots, over = Snapshots(), _asked_to_end()
    keeping = asyncio.create_task(snapshots.keep(over))

    async def ending() -> None:
        await over.wait()
        await keeping

    # hypercorn's types name every message of the protocol; all of them pass through here unread.
    guarded: Any = _guarded(ministack.app, snapshots.touch, public)
    await hypercorn.asyncio.serve(guarded, config, shutdown_trigger=ending)


def _guarded(inner: Application, touch: Callable[[], None], public: str) -> Application:
    """Return the application behind its door; `touch` is called after every request."""
    key_id = os.environ["AWS_ACCESS_KEY_ID"]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if not admits(scope, key_id, public):
            await _refuse(scope, send)
            return
        try:
            await inner(scope, receive, send)
        finally:
            touch()

    return application


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 403, "headers": []})
    await send({"type": "http.response.body", "body": b"this needs the access key of the run\n"})


def _asked_to_end() -> asyncio.Event:
    """Return what is set by the signals that ask for an end."""
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    return over
