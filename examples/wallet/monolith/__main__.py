"""`python -m monolith`: serve."""

import os
from collections.abc import AsyncIterator

from aiohttp import web

from . import api, internal, pages
from .database import pool_of
from .web import INTERNAL, POOL, SECRET, refusals, sign


def application(url: str, introspection: str, house: str) -> web.Application:
    app = web.Application(middlewares=[refusals, internal.guarded], client_max_size=64 * 1024)
    app[POOL] = pool_of(url)
    app[SECRET] = introspection
    app[INTERNAL] = house
    app.add_routes([*api.routes, *internal.routes, *pages.routes])
    app.on_response_prepare.append(sign)
    app.cleanup_ctx.append(_connected)
    return app


async def _connected(app: web.Application) -> AsyncIterator[None]:
    async with app[POOL]:
        yield


def serve() -> None:
    """Serve until SIGTERM; requests in flight are finished first."""
    secrets = (os.environ.get(f"{name}_SECRET", "") for name in ("INTROSPECTION", "INTERNAL"))
    app = application(os.environ["DATABASE_URL"], *secrets)
    port = int(os.environ["PORT"])
    print(f"the wallet listens on port {port}", flush=True)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, shutdown_timeout=10)


if __name__ == "__main__":
    serve()
