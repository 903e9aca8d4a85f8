"""`python -m monolith`: serve."""

import os
from collections.abc import AsyncIterator

from aiohttp import web

from . import api, pages
from .database import pool_of
from .web import POOL, SECRET, refusals, sign


def application(url: str, secret: str) -> web.Application:
    app = web.Application(middlewares=[refusals], client_max_size=64 * 1024)
    app[POOL] = pool_of(url)
    app[SECRET] = secret
    app.add_routes([*api.routes, *pages.routes])
    app.on_response_prepare.append(sign)
    app.cleanup_ctx.append(_connected)
    return app


async def _connected(app: web.Application) -> AsyncIterator[None]:
    async with app[POOL]:
        yield


def serve() -> None:
    """Serve until SIGTERM; requests in flight are finished first."""
    app = application(os.environ["DATABASE_URL"], os.environ.get("INTROSPECTION_SECRET", ""))
    port = int(os.environ["PORT"])
    print(f"the wallet listens on port {port}", flush=True)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, shutdown_timeout=10)


if __name__ == "__main__":
    serve()
