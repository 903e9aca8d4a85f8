"""The two doors of a hosted function, over real HTTP: API Gateway's, and Lambda's Invoke API."""

import asyncio
import json
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import botocore.exceptions
import pytest

from matapalo.blueprint import Route
from tests.functions.hosted import Served, served, together, write
from tests.support import eventually

ECHO = """
    def handle(event, context):
        return event
"""


async def test_an_http_request_reaches_the_handler_as_an_event(tmp_path: Path) -> None:
    async with served(write(tmp_path, ECHO), routes=(Route(path="/api"),)) as function:
        status, headers, body = await function.ask(
            "PUT", "/api/a%20b?x=1&x=2", data=b"\x00\xff", headers={"Cookie": "a=1; b=2"}
        )
    event = json.loads(body)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["apigw-requestid"] == event["requestContext"]["requestId"]
    assert event["requestContext"]["http"]["method"] == "PUT"
    assert event["routeKey"] == "ANY /api/{proxy+}"
    assert (event["rawPath"], event["rawQueryString"]) == ("/api/a b", "x=1&x=2")
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == ("AP8=", True)


async def test_a_handlers_answer_reaches_the_client_as_written(tmp_path: Path) -> None:
    code = """
        def handle(event, context):
            return {
                "statusCode": 201,
                "headers": {"X-One": "1", "Content-Type": "image/png"},
                "cookies": ["a=1", "b=2"],
                "body": "AP8=",
                "isBase64Encoded": True,
            }
    """
    async with served(write(tmp_path, code)) as function:
        status, headers, body = await function.ask("GET", "/")
    assert (status, body) == (201, b"\x00\xff")
    assert (headers["x-one"], headers["content-type"]) == ("1", "image/png")
    assert headers.getall("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("raise ValueError('the password is 1234')", 500),
        ("return {'statusCode': 'x'}", 500),
        ("os._exit(1)", 502),
        ("time.sleep(60)", 504),
    ],
)
async def test_trouble_is_answered_as_the_gateway_does_and_the_next_request_is_served(
    tmp_path: Path, code: str, status: int
) -> None:
    handler = f"""
        import os, time
        def handle(event, context):
            if event["rawPath"] == "/bad":
                {code}
            return "well"
    """
    async with served(write(tmp_path, handler), timeout=1) as function:
        found, headers, body = await function.ask("GET", "/bad")
        assert (found, headers["content-type"]) == (status, "application/json")
        assert b"1234" not in body
        assert (await function.ask("GET", "/"))[2] == b"well"


async def test_a_request_beyond_six_megabytes_is_413(tmp_path: Path) -> None:
    async with served(write(tmp_path, ECHO)) as function:
        status, _, _ = await function.ask("POST", "/", data=b"x" * (6 * 1024 * 1024 + 1))
        assert status == 413
        # Its base64 is what counts.
        assert (await function.ask("POST", "/", data=b"x" * (5 * 1024 * 1024)))[0] == 413


async def test_more_requests_than_the_concurrency_are_429(tmp_path: Path) -> None:
    code = """
        import pathlib, time
        def handle(event, context):
            pathlib.Path(event["queryStringParameters"]["mark"]).touch()
            while not pathlib.Path(event["queryStringParameters"]["gate"]).exists():
                time.sleep(0.01)
            return "well"
    """
    mark, gate = tmp_path / "mark", tmp_path / "gate"
    query = {"mark": str(mark), "gate": str(gate)}
    async with served(write(tmp_path, code), concurrency=1, timeout=60) as function:
        first = asyncio.create_task(function.ask("GET", "/", params=query))
        await eventually(mark.exists)
        assert (await function.ask("GET", "/", params=query))[0] == 429
        with pytest.raises(botocore.exceptions.ClientError) as throttled:
            await invoke(function, {})
        assert throttled.value.response["Error"]["Code"] == "TooManyRequestsException"
        gate.touch()
        assert (await first)[0] == 200


async def test_health_tells_without_starting_a_sandbox(tmp_path: Path) -> None:
    async with served(write(tmp_path, ECHO)) as function:
        status, _, body = await function.ask("GET", "/.matapalo/health")
        assert (status, json.loads(body)) == (200, {"status": "ok", "sandboxes": 0, "counts": {}})
        await together(*(function.ask("GET", "/") for _ in range(3)))
        _, _, body = await function.ask("GET", "/.matapalo/health")
    assert json.loads(body)["counts"]["done"] == 3


async def test_a_real_lambda_client_invokes_it(tmp_path: Path) -> None:
    async with served(write(tmp_path, ECHO)) as function:
        for name in ("shop-app", "arn:aws:lambda:us-east-1:000000000000:function:shop-app"):
            answer = await invoke(function, {"a": 1}, FunctionName=name)
            assert answer["StatusCode"] == 200
            assert answer["ExecutedVersion"] == "$LATEST"
            assert "FunctionError" not in answer
            assert json.loads(answer["Payload"].read()) == {"a": 1}


async def test_a_real_lambda_client_is_told_of_errors(tmp_path: Path) -> None:
    code = """
        import time
        def handle(event, context):
            if event == "slow": time.sleep(60)
            raise ValueError("no")
    """
    async with served(write(tmp_path, code), timeout=1) as function:
        answer = await invoke(function, {})
        assert answer["FunctionError"] == "Unhandled"
        said = json.loads(answer["Payload"].read())
        assert (said["errorType"], said["errorMessage"]) == ("ValueError", "no")
        answer = await invoke(function, "slow")
        assert answer["FunctionError"] == "Unhandled"
        said = json.loads(answer["Payload"].read())
        assert said["errorMessage"].endswith("Task timed out after 1.00 seconds")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"FunctionName": "other"}, "ResourceNotFoundException"),
        ({"Payload": b"not json"}, "InvalidRequestContentException"),
        ({"InvocationType": "Event"}, "InvalidParameterValueException"),
    ],
)
async def test_a_wrong_invocation_is_refused_with_lambdas_name_for_it(
    tmp_path: Path, options: dict[str, Any], code: str
) -> None:
    async with served(write(tmp_path, ECHO)) as function:
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            await invoke(function, {}, **options)
    assert refused.value.response["Error"]["Code"] == code


async def invoke(function: Served, event: object, **options: Any) -> Any:
    client = boto3.client(
        "lambda",
        endpoint_url=function.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
    call = {"FunctionName": "shop-app", "Payload": json.dumps(event).encode(), **options}
    try:
        return await asyncio.to_thread(client.invoke, **call)
    finally:
        client.close()
