"""A function on Lambda gets from the edge what API Gateway would give it, and is called once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from aiohttp import web
from botocore.config import Config

from matapalo.blueprint import Route
from matapalo.local.functions import application
from matapalo.local.functions.gateway import Gateway, answered
from matapalo.local.functions.relay import Remote
from tests.functions.hosted import hosted, write

ROUTES = (Route(path="/api/limits", methods=("GET", "POST")),)
ECHO = """
    import json

    def handle(event, context):
        if event["rawPath"] == "/api/limits/broken":
            raise ValueError("broken")
        return {"statusCode": 201, "headers": {"x-seen": "1"}, "body": json.dumps(event)}
"""


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def remote(url: str, arn: str) -> Remote:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=30)
    client = boto3.client(
        "lambda", endpoint_url=url, region_name="us-east-1", config=config,
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    return Remote(arn, 20, 10, client)


def relayed(it: Remote) -> web.Application:
    async def invoke(event: bytes, request_id: str, _trace: str) -> Any:
        return await asyncio.to_thread(it.invoke, event, request_id)

    async def answer(request: web.Request) -> web.Response:
        return await answered(request, Gateway(ROUTES, account="111122223333", hops=1), invoke)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


HEADERS = {"x-matapalo-user": "ana", "x-forwarded-for": "192.0.2.1, 10.0.0.9"}


async def test_a_request_is_answered_by_the_function_as_api_gateway_would(tmp_path: Path) -> None:
    """Over Lambda's own API, signed by boto3, to a host that obeys it."""
    async with (
        hosted(write(tmp_path, ECHO)) as function,
        serving(application(function.pool)) as there,
        serving(relayed(remote(there, function.pool.function.arn))) as here,
        aiohttp.ClientSession() as session,
    ):
        url = f"{here}/api/limits/7?a=1"
        async with session.post(url, json={"x": 1}, headers=HEADERS) as said:
            assert said.status == 201
            assert said.headers["x-seen"] == "1"
            event = json.loads(await said.read())
        assert event["routeKey"] == "POST /api/limits/{proxy+}"
        assert event["rawPath"] == "/api/limits/7"
        assert json.loads(event["body"]) == {"x": 1}
        context = event["requestContext"]
        assert context["authorizer"] == {"lambda": {"user": "ana"}}
        assert context["accountId"] == "111122223333"
        assert context["http"]["sourceIp"] == "192.0.2.1"
        async with session.get(f"{here}/api/limits/broken") as said:
            assert said.status == 500


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [("TooManyRequestsException", 429, 429), ("ServiceException", 500, 502)],
)
async def test_lambda_is_asked_once_and_its_refusal_is_told(
    kind: str, status: int, expected: int
) -> None:
    asked = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request.path)
        headers = {"x-amzn-ErrorType": kind}
        return web.json_response({"message": "no"}, status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with (
        serving(app) as there,
        serving(relayed(remote(there, "arn:aws:lambda:us-east-1:1:function:f:live"))) as here,
        aiohttp.ClientSession() as session,
        session.post(f"{here}/api/limits", json={}) as said,
    ):
        assert said.status == expected
    assert len(asked) == 1
