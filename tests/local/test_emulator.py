import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from botocore.exceptions import ClientError

from matapalo.local.emulator import client
from matapalo.local.emulator.client import client_of
from matapalo.local.emulator.door import admits
from matapalo.local.emulator.site import cache_control, content_type
from matapalo.local.home import Home
from matapalo.local.identity import MARK
from matapalo.local.ports import free_port
from matapalo.local.spec import Aws, Command, HttpHealth, ProcessSpec, SecretsKept, SiteUploaded
from tests.local.processes import Stage, home_in
from tests.support import eventually

PUBLIC = "shop-site"


def emulator(home: Home, aws: Aws) -> ProcessSpec:
    """Return the process as the topology would."""
    port = int(aws.endpoint.rpartition(":")[2])
    words = (sys.executable, "-m", "matapalo", "aws", "--folder", str(home.emulator),
             "--port", str(port), "--region", aws.region, "--public", PUBLIC)  # fmt: skip
    env = {
        MARK: str(home.folder),
        "AWS_ACCESS_KEY_ID": aws.key_id,
        "AWS_SECRET_ACCESS_KEY": aws.key,
    }
    return ProcessSpec(
        name="aws",
        command=Command(words, home.folder, tuple(env.items())),
        port=port,
        health=HttpHealth(aws.endpoint + "/_ministack/health", below=400),
    )


class Emulator:
    def __init__(self, stage: Stage, aws: Aws) -> None:
        self.stage = stage
        self.aws = aws

    def client(self, service: str) -> Any:
        return client_of(self.aws, service)

    async def kill_and_wait(self) -> None:
        keeper = self.stage.keeper("aws")
        before = keeper.pid
        os.kill(before or 0, signal.SIGKILL)
        await eventually(lambda: keeper.running and keeper.pid != before)


@pytest.fixture
async def emulated(tmp_path: Path) -> AsyncIterator[Emulator]:
    home = home_in(tmp_path)
    aws = Aws(f"http://127.0.0.1:{free_port()}", "us-east-1", "the-key-of-this-run", "the-secret")
    async with Stage(home, (emulator(home, aws),)) as stage:
        await stage.supervisor.start()
        yield Emulator(stage, aws)


async def test_what_was_stored_a_second_before_a_kill_is_there_after_it(
    emulated: Emulator,
) -> None:
    def store() -> None:
        s3 = emulated.client("s3")
        s3.create_bucket(Bucket="papers")
        s3.put_object(Bucket="papers", Key="a/b.txt", Body=b"hello", ContentType="text/plain")
        emulated.client("dynamodb").create_table(
            TableName="limits",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        emulated.client("dynamodb").put_item(
            TableName="limits", Item={"id": {"S": "x"}, "n": {"N": "7"}}
        )
        emulated.client("secretsmanager").create_secret(Name="s", SecretString="value")
        emulated.client("sns").create_topic(Name="payments")

    def check() -> None:
        s3 = emulated.client("s3")
        there = s3.get_object(Bucket="papers", Key="a/b.txt")
        assert there["Body"].read() == b"hello"
        assert there["ContentType"] == "text/plain"
        item = emulated.client("dynamodb").get_item(TableName="limits", Key={"id": {"S": "x"}})
        assert item["Item"]["n"] == {"N": "7"}
        secret = emulated.client("secretsmanager").get_secret_value(SecretId="s")
        assert secret["SecretString"] == "value"
        (topic,) = emulated.client("sns").list_topics()["Topics"]
        assert topic["TopicArn"].endswith(":payments")

    await asyncio.to_thread(store)
    state = emulated.stage.home.emulator / "state"
    saved = ("sns", "secretsmanager", "dynamodb", "s3")
    await eventually(lambda: all((state / f"{name}.json").exists() for name in saved))
    await eventually(lambda: "payments" in (state / "sns.json").read_text())
    await emulated.kill_and_wait()
    await asyncio.to_thread(check)
    await emulated.stage.supervisor.restart("aws")  # a graceful end loses nothing either
    await asyncio.to_thread(check)


async def test_an_unchanged_state_is_not_written_again(emulated: Emulator) -> None:
    state = emulated.stage.home.emulator / "state" / "secretsmanager.json"
    secrets = emulated.client("secretsmanager")
    await asyncio.to_thread(lambda: secrets.create_secret(Name="s", SecretString="one"))
    first = await eventually(lambda: state.stat().st_mtime_ns)
    for _ in range(3):  # reading touches it, and changes nothing
        await asyncio.to_thread(secrets.list_secrets)
        await asyncio.sleep(0.8)
    assert state.stat().st_mtime_ns == first
    await asyncio.to_thread(lambda: secrets.put_secret_value(SecretId="s", SecretString="two"))
    await eventually(lambda: state.stat().st_mtime_ns != first)


async def test_it_listens_at_one_port_of_the_loopback(emulated: Emulator) -> None:
    process = psutil.Process(emulated.stage.keeper("aws").pid)
    listens = [c.laddr for c in process.net_connections("all") if c.status == psutil.CONN_LISTEN]
    assert listens == [("127.0.0.1", emulated.stage.keeper("aws").spec.port)]


async def test_nobody_comes_in_without_the_key_of_the_run(emulated: Emulator) -> None:
    for key_id in ("test", "000000000000", "another"):
        stranger = client_of(replace(emulated.aws, key_id=key_id), "secretsmanager")
        with pytest.raises(ClientError, match="403"):
            await asyncio.to_thread(stranger.list_secrets)
    async with aiohttp.ClientSession(emulated.aws.endpoint) as session:
        for method, path in (("GET", "/"), ("POST", "/"), ("POST", "/_ministack/reset")):
            async with session.request(method, path) as response:
                assert response.status == 403


async def test_secrets_are_kept_and_follow_a_change(emulated: Emulator) -> None:
    secrets = emulated.client("secretsmanager")
    for value in ("one", "one", "two"):
        kept = SecretsKept(emulated.aws, (("shop/api", value),))
        await asyncio.to_thread(client.put, kept)
        told = await asyncio.to_thread(lambda: secrets.get_secret_value(SecretId="shop/api"))
        assert told["SecretString"] == value


async def test_a_site_is_uploaded_as_it_is_and_only_what_changed(
    emulated: Emulator, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    (site / "js").mkdir(parents=True)
    (site / "index.html").write_text("<h1>uno</h1>")
    (site / "js" / "app-3f9c01ab.js").write_text("let uno")
    (site / "old.css").write_text("*{}")
    (site / ".secret").write_text("no")
    upload = SiteUploaded(emulated.aws, PUBLIC, site)
    s3 = emulated.client("s3")

    def times() -> dict[str, Any]:
        told = s3.list_objects_v2(Bucket=PUBLIC)["Contents"]
        return {o["Key"]: (o["LastModified"], o["ETag"]) for o in told}

    await asyncio.to_thread(client.put, upload)
    before = await asyncio.to_thread(times)
    assert set(before) == {"index.html", "js/app-3f9c01ab.js", "old.css"}
    await asyncio.sleep(1.1)  # the times have a resolution of a second
    (site / "index.html").write_text("<h1>dos</h1>")
    (site / "old.css").unlink()
    await asyncio.to_thread(client.put, upload)
    after = await asyncio.to_thread(times)
    assert set(after) == {"index.html", "js/app-3f9c01ab.js"}
    assert after["js/app-3f9c01ab.js"] == before["js/app-3f9c01ab.js"]
    async with aiohttp.ClientSession(emulated.aws.endpoint) as session:
        async with session.get(f"/{PUBLIC}/index.html") as response:  # anybody, as a browser does
            assert await response.text() == "<h1>dos</h1>"
            assert response.headers["content-type"] == "text/html; charset=utf-8"
            assert response.headers["cache-control"] == "no-cache"
        async with session.get(f"/{PUBLIC}/js/app-3f9c01ab.js") as response:
            assert "immutable" in response.headers["cache-control"]
        async with session.get(f"/{PUBLIC}/none") as response:
            assert response.status == 404
        async with session.put(f"/{PUBLIC}/index.html", data=b"mine") as response:
            assert response.status == 403


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("index.html", "no-cache"),
        ("app.js", "no-cache"),
        ("app-settings.js", "no-cache"),
        ("report-20240101.pdf", "no-cache"),
        ("a/app.3f9c01ab.css", "public, max-age=31536000, immutable"),
        ("index-BwX3d9aK.js", "public, max-age=31536000, immutable"),
    ],
)
def test_only_files_with_a_fingerprint_are_kept_for_ever(key: str, kept: str) -> None:
    assert cache_control(key) == kept


def test_types_are_those_that_browsers_ask_for() -> None:
    assert content_type("a.html") == "text/html; charset=utf-8"
    assert content_type("a.js") == "text/javascript; charset=utf-8"
    assert content_type("a.svg") == "image/svg+xml; charset=utf-8"
    assert content_type("a.woff2") == "font/woff2"
    assert content_type("a.unknown") == "application/octet-stream"


def scope(method: str = "GET", path: str = "/", *, auth: str = "", query: str = "") -> Any:
    headers = [(b"Authorization", auth.encode())] if auth else []
    return {
        "type": "http", "method": method, "path": path,
        "headers": headers, "query_string": query.encode(),
    }  # fmt: skip


def signed(key: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/s3/aws4_request, Signature=0"


@pytest.mark.parametrize(
    ("request_", "passes"),
    [
        (scope("POST", auth=signed("ours")), True),
        (scope(query="X-Amz-Credential=ours%2F20260101%2Fus-east-1"), True),
        (scope("POST", auth=signed("ASIA123")), True),
        (scope("GET", "/site/a.js"), True),
        (scope("GET", "/_ministack/health"), True),
        (scope("GET", "/site-2/a.js"), False),
        (scope("PUT", "/site/a.js"), False),
        (scope("GET", "/site/a.js", auth=signed("theirs")), False),
        (scope("GET", "/site/a.js", auth="AWS test:signature"), True),
        (scope("POST", "/", auth="AWS test:signature"), False),
        ({"type": "websocket"}, False),
        ({"type": "lifespan"}, True),
    ],
)
def test_the_door_admits_the_key_of_the_run_and_readers_of_the_site(
    request_: Any, passes: bool
) -> None:
    assert admits(request_, "ours", "site") is passes
