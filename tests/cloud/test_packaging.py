"""The zips that functions begin with."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from matapalo.blueprint import load
from matapalo.cloud import render
from matapalo.cloud.packaging import Target, build
from matapalo.cloud.packaging.build import _own, _resource
from matapalo.cloud.packaging.zips import files_of, zipped
from tests.cloud import given
from tests.cloud.conftest import system_from
from tests.cloud.terraform import Emulators

INVOKE = """
import sys
sys.path[:0] = sys.argv[1:]
import os
os.environ["MATAPALO_LOGIN"] = '{"kind": "session", "cookie": "sid", "url": "http://127.0.0.1:1/"}'
os.environ["MATAPALO_DOOR"] = "word"
import matapalo
from matapalo.edge.authorizer.door_lambda import handler
event = {"headers": {}, "requestContext": {"http": {"method": "GET", "path": "/"}}}
assert matapalo.__file__.startswith(sys.argv[1]), matapalo.__file__
print(handler(event, None)["isAuthorized"])
"""


RENAMED = """
name: shop
monolith: {url: "https://shop.example.com"}
environments: {prod: {region: us-east-1}}
products:
  shopping: {formerly: [sales], functions: {tell: {code: tell, handler: tell.handle}}}
"""

TOLD = """
import os
print(*(os.environ.get(name) for name in ("TOKEN", "LEDGER_USER", "KEPT")))
"""


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("b.py", "a/c.py", "__pycache__/b.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    files = files_of(tmp_path)
    assert list(files) == ["a/c.py", "b.py"]
    assert zipped(files) == zipped(dict(reversed(files.items())))


def test_the_authorizer_needs_nothing_of_ours_but_what_is_packed(tmp_path: Path) -> None:
    archive = tmp_path / "authorizer.zip"
    archive.write_bytes(zipped(_own()))
    done = subprocess.run(
        [sys.executable, "-c", INVOKE, str(archive)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "False", done.stderr


def test_the_function_that_renews_secrets_is_packed(tmp_path: Path) -> None:
    archive = tmp_path / "rotate.zip"
    archive.write_bytes(zipped(_resource("cloud/functions/rotate")))
    assert zipfile.ZipFile(archive).namelist() == ["rotate.py"]


def test_the_zip_of_a_renamed_products_function_lies_where_its_root_looks(tmp_path: Path) -> None:
    file = tmp_path / "matapalo.yaml"
    file.write_text(RENAMED)
    (tmp_path / "tell").mkdir()
    (tmp_path / "tell/tell.py").write_text("def handle(event, context): ...\n")
    packages = tmp_path / "packages"
    packed = list(build(load(file, "prod"), tmp_path, packages, Target()))
    root = render(system_from(file))["roots/prod/products/sales/functions.tf"]
    zips = re.findall(r'"\$\{var\.packages}/(.*)"', root)
    assert zips
    assert {packages / each for each in zips} <= set(packed)


def test_a_function_finds_the_values_of_its_secrets_in_its_environment(
    emulators: Emulators, tmp_path: Path
) -> None:
    manager = given.client("secretsmanager", emulators.ministack)
    token = manager.create_secret(Name="token", SecretString="abc")["ARN"]
    user = {"username": "ledger", "password": "x"}
    ledger = manager.create_secret(Name="ledger", SecretString=json.dumps(user))["ARN"]
    wanted = {"TOKEN": {"arn": token}, "LEDGER_USER": {"arn": ledger, "field": "username"}}
    assert _begun(tmp_path, emulators, wanted).stdout.split() == ["abc", "ledger", "kept"]

    empty = manager.create_secret(Name="empty")["ARN"]
    refused = _begun(tmp_path, emulators, {"TOKEN": {"arn": empty}})
    assert refused.returncode == 1
    assert f"put-secret-value --secret-id {empty}" in refused.stderr


def _begun(
    folder: Path, emulators: Emulators, wanted: dict[str, dict[str, str]]
) -> "subprocess.CompletedProcess[str]":
    """Begin a Python by way of the layer, as Lambda does; it lies in a folder instead of `/opt`."""
    layer = folder / "opt"
    archive = folder / "secrets.zip"
    archive.write_bytes(zipped(_resource("cloud/functions/secrets")))
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, layer], check=True)
    wrapper = layer / "with-secrets"
    modes = {info.filename: info.external_attr >> 16 for info in zipfile.ZipFile(archive).filelist}
    wrapper.chmod(modes[wrapper.name])
    wrapper.write_text(wrapper.read_text().replace("/opt/", f"{layer}/"))
    environment = {
        "AWS_ENDPOINT_URL": emulators.ministack, "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "MATAPALO_SECRETS": json.dumps(wanted), "KEPT": "kept",
    }  # fmt: skip
    return subprocess.run(
        [wrapper, sys.executable, "-c", TOLD],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
