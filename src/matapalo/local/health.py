"""Is it well? One question a kind of health, and the reason where the answer is no."""

import asyncio

import aiohttp
import psycopg

from matapalo.local.ports import LOOPBACK
from matapalo.local.spec import DatabaseHealth, Health, HttpHealth, TcpHealth, WhileRunning

ONE_TRY = 5.0
"""How long one question may take, in seconds."""
PAUSE = 0.05
"""Between two questions, in seconds."""


async def ailment(health: Health) -> str | None:
    """Return why it is not well; None if it is."""
    try:
        async with asyncio.timeout(ONE_TRY):
            match health:
                case HttpHealth():
                    return await _http(health)
                case TcpHealth():
                    return await _tcp(health)
                case DatabaseHealth():
                    return await _database(health)
                case WhileRunning():
                    return None
    except TimeoutError:
        return f"no answer within {ONE_TRY:.0f} s"
    except (OSError, aiohttp.ClientError, psycopg.OperationalError) as error:
        return str(error) or type(error).__name__


async def becomes_well(health: Health, patience: float) -> str | None:
    """Wait until it is well, `patience` seconds at most; return the last reason if it does not."""
    deadline = asyncio.get_running_loop().time() + patience
    while (reason := await ailment(health)) is not None:
        if asyncio.get_running_loop().time() > deadline:
            return reason
        await asyncio.sleep(PAUSE)
    return None


async def _http(health: HttpHealth) -> str | None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(health.url, allow_redirects=False) as response,
    ):
        if response.status < health.below:
            return None
        return f"{health.url} answers {response.status}"


async def _tcp(health: TcpHealth) -> str | None:
    _, writer = await asyncio.open_connection(LOOPBACK, health.port)
    writer.close()
    await writer.wait_closed()
    return None


async def _database(health: DatabaseHealth) -> str | None:
    connection = await psycopg.AsyncConnection.connect(health.dsn)
    await connection.close()
    return None
