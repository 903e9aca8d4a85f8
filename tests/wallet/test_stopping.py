"""The wallet's processes finish what they have begun before they end."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from aiohttp import web

from tests.support import eventually
from tests.wallet.town import Client, Rows, Town, started

WAITS_FOR_A_LOCK = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"


async def test_the_monolith_finishes_a_payment_before_it_ends(town: Town, rows: Rows) -> None:
    env = {"DATABASE_URL": town.database}
    with started("monolith", **env) as (process, url), psycopg.connect(town.database) as holder:
        async with Client(url) as client:
            payer, payee = await client.anybody(), await client.anybody()
            await payer.top_up(1_000)
            holder.execute("select from accounts where id = %s for update", (payer.number,))
            payment = asyncio.create_task(payer.pay(payee, 1_000))
            await eventually(lambda: rows.execute(WAITS_FOR_A_LOCK).fetchone() == (1,))
            process.send_signal(signal.SIGTERM)
            await eventually(lambda: refuses(url))
            holder.rollback()
            assert (await payment).status == 201
        assert await asyncio.to_thread(process.wait) == 0


async def test_the_service_finishes_a_statement_before_it_ends() -> None:
    asked, gate = asyncio.Event(), asyncio.Event()
    async with slow_monolith(asked, gate) as monolith:
        with started("statements", MONOLITH_URL=monolith) as (process, url):
            async with Client(url) as client:
                statement = asyncio.create_task(client.ask("GET", "/api/statements/2025-01"))
                await asked.wait()
                process.send_signal(signal.SIGTERM)
                await eventually(lambda: refuses(url))
                gate.set()
                assert (await statement).status == 200
            assert await asyncio.to_thread(process.wait) == 0


async def test_payments_finish_what_they_have_begun_before_they_end(town: Town, rows: Rows) -> None:
    env = {"MONOLITH_URL": town.monolith, "LEDGER_URL": town.ledger, "INTERNAL_SECRET": "house"}
    with started("pay", **env) as (process, url), psycopg.connect(town.database) as holder:
        async with Client(url) as service, Client(town.monolith) as client:
            payer, payee = await client.anybody(), await client.anybody()
            await payer.top_up(1_000)
            holder.execute("select from accounts where id = %s for update", (payer.number,))
            payment = asyncio.create_task(payer.pay(payee, 1_000, at=service))
            await eventually(lambda: rows.execute(WAITS_FOR_A_LOCK).fetchone() == (1,))
            process.send_signal(signal.SIGTERM)
            await eventually(lambda: refuses(url))
            holder.rollback()
            assert (await payment).status == 201
        assert await asyncio.to_thread(process.wait) == 0


@asynccontextmanager
async def slow_monolith(asked: asyncio.Event, gate: asyncio.Event) -> AsyncIterator[str]:
    async def movements(_: web.Request) -> web.Response:
        asked.set()
        await gate.wait()
        return web.json_response({"account": 1, "movements": []})

    app = web.Application()
    app.router.add_get("/api/movements", movements)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def refuses(url: str) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    except ConnectionRefusedError:
        return True
    writer.close()
    return False
