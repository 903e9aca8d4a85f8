"""The script that plans and applies a root: what the root begins with is there before."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from matapalo.cloud.packaging.zips import zipped

TERRAFORM = """\
#!/bin/sh
case "$1" in
  plan | apply) cp ../../../../packages/functions/p/f.zip "./$1.zip" ;;
esac
"""
BLUEPRINT = """\
name: shop
monolith: {url: http://10.0.0.1:8080}
products:
  p:
    functions:
      f: {code: f, handler: app.handle}
environments:
  prod: {region: us-east-1}
"""


@pytest.fixture
def aws(tmp_path: Path) -> Path:
    """A repository with a render, and a Terraform that fails where the zip is not there."""
    (tmp_path / "matapalo.yaml").write_text(BLUEPRINT)
    (tmp_path / "f").mkdir()
    (tmp_path / "f/app.py").write_text("def handle(event, context): ...\n")
    root, scripts = tmp_path / "aws/roots/prod/products/p", tmp_path / "aws/pipelines"
    root.mkdir(parents=True)
    scripts.mkdir()
    (root / "variables.tf").write_text('variable "packages" {\n}\n')
    text = (files("matapalo.cloud.pipelines") / "scripts/root.sh").read_text()
    (scripts / "root.sh").write_text(text)
    tool = tmp_path / "bin/terraform"
    tool.parent.mkdir()
    tool.write_text(TERRAFORM)
    tool.chmod(0o755)
    return tmp_path / "aws"


def run(aws: Path, what: str, root: str) -> "subprocess.CompletedProcess[str]":
    path = f"{aws.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(aws / "pipelines/root.sh"), what, root],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_functions_are_packed_before_a_plan_and_alike_before_its_apply(aws: Path) -> None:
    root = aws / "roots/prod/products/p"
    for what in ("plan", "apply"):
        done = run(aws, what, "roots/prod/products/p")
        assert done.returncode == 0, done.stderr
        (aws / "packages/functions/p/f.zip").unlink()
    packed = zipped({"app.py": (aws.parent / "f/app.py").read_bytes()})
    assert (root / "plan.zip").read_bytes() == (root / "apply.zip").read_bytes() == packed


def test_a_root_without_functions_packs_nothing(aws: Path) -> None:
    (aws / "roots/prod/products/p/variables.tf").unlink()
    assert run(aws, "plan", "roots/prod/products/p").returncode == 1
    assert not (aws / "packages").exists()
