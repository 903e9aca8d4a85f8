"""The zips that functions begin with."""

import subprocess
import sys
import zipfile
from pathlib import Path

from matapalo.cloud.packaging.build import _own, _resource
from matapalo.cloud.packaging.zips import files_of, zipped

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
