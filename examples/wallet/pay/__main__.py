"""`python -m pay`: serve."""

import asyncio
import os
from collections.abc import AsyncIterator

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, web

from . import api, page
from .ledger import pool_of
from .monolith import Monolith
from .payments import Payments
from .sweep import keep_sweeping
from .web import PAYMENTS, refusals, sign


async def connect(app: web.Application) -> AsyncIterator[None]:
    async with (
        pool_of(os.environ["LEDGER_URL"]) as pool,
        ClientSession(
            os.environ["MONOLITH_URL"],
            timeout=ClientTimeout(total=10),
            cookie_jar=DummyCookieJar(),
        ) as session,
    ):
        monolith = Monolith(session, os.environ.get("INTERNAL_SECRET", ""))
        app[PAYMENTS] = Payments(pool, monolith)
        sweeping = asyncio.create_task(keep_sweeping(pool, monolith))
        yield
        sweeping.cancel()
        await asyncio.wait({sweeping})


app = web.Application(middlewares=[refusals], client_max_size=64 * 1024)
app.add_routes([*api.routes, *page.routes])
app.on_response_prepare.append(sign)
app.cleanup_ctx.append(connect)
print(f"payments listen on port {os.environ['PORT']}", flush=True)
web.run_app(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    print=None,
    access_log=None,
    shutdown_timeout=10,
)
