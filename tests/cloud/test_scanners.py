"""What scanners say of everything that is rendered: nothing, but for what is answered there.

checkov reads Terraform, manifests, workflows and the Dockerfile. What it pins does not go with what
is developed with, so it has an environment of its own: `make checks` makes it. `MATAPALO_CHECKOV`
names another one's program, or is `needed`, where a machine without it fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import parliament
import pytest

from matapalo.cloud import System, render
from matapalo.cloud.tree import Tree
from matapalo.cloud.writing import write
from tests.cloud.conftest import REPOSITORY
from tests.cloud.given import everything

OWN = Path(sys.prefix) / "checkov/bin/checkov"
KINDS = ("terraform", "kubernetes", "github_actions", "dockerfile")
PINNED = (REPOSITORY / "requirements/checkov.in").read_text().strip()

_LISTS = re.compile(r'"?(?:not_)?[aA]ctions?"?\s*[=:]\s*(\[[^\]]*\]|"[^"]*")')
_ACTION = re.compile(r'"([a-z0-9-]+):([A-Za-z*]+)"')


def checkov() -> str:
    """Return the program; skip, or fail, without it."""
    given = os.environ.get("MATAPALO_CHECKOV", "")
    found = shutil.which(str(OWN) if given in ("", "needed") else given)
    if found:
        return found
    say = "there is no checkov: `make checks` installs it"
    if given:
        pytest.fail(say)
    pytest.skip(say)


def scanned(folder: Path) -> dict[str, Any]:
    """Return what checkov says of each kind of file in a folder."""
    words = ["--directory", str(folder), "--framework", *KINDS, "--output", "json"]
    done = subprocess.run(
        [checkov(), *words, "--compact", "--skip-download"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    said = json.loads(done.stdout)
    return {each["check_type"]: each for each in (said if isinstance(said, list) else [said])}


@pytest.mark.parametrize("whose", ["wallet", "everything"])
def test_checkov_finds_nothing_that_is_not_answered(
    wallet: System, tmp_path: Path, whose: str
) -> None:
    write(tmp_path / "aws", render(wallet if whose == "wallet" else everything()))
    said = scanned(tmp_path / "aws")
    assert {"terraform", "kubernetes", "dockerfile"} <= set(said)
    assert all(each["summary"]["passed"] for each in said.values())
    assert all(not each["summary"]["parsing_errors"] for each in said.values())
    failed = [it for each in said.values() for it in each["results"]["failed_checks"]]
    assert [f"{it['check_id']} {it['file_path']} {it['resource']}" for it in failed] == []
    skipped = [it for each in said.values() for it in each["results"]["skipped_checks"]]
    unsaid = [it for it in skipped if len(it["check_result"].get("suppress_comment") or "") < 8]
    assert [f"{it['check_id']} {it['file_path']}" for it in unsaid] == []


def test_checkov_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\n')
    found = scanned(tmp_path)["terraform"]["results"]["failed_checks"]
    assert "CKV_AWS_145" in {it["check_id"] for it in found}


def test_pipelines_run_the_checkov_that_was_tried_here() -> None:
    lock = (REPOSITORY / "requirements/checkov.lock").read_text()
    assert f"\n{PINNED} " in lock
    used = {
        version
        for file in (REPOSITORY / "src/matapalo/cloud/pipelines").rglob("*.yml")
        for version in re.findall(r"checkov==[\d.]+", file.read_text())
    }
    assert used == {PINNED}


def unknown(tree: Tree) -> list[str]:
    """Return the actions of policies that no service of AWS has, each with its file."""
    known = {
        (it["prefix"], privilege["privilege"].lower())
        for it in parliament.iam_definition
        for privilege in it["privileges"]
    }
    return [
        f"{path}: {service}:{action}"
        for path, text in tree.items()
        if path.endswith(".tf")
        for listed in _LISTS.findall(text)
        for service, action in _ACTION.findall(listed)
        if not _known(service, action, known)
    ]


def _known(service: str, action: str, known: set[tuple[str, str]]) -> bool:
    asked = re.compile(action.lower().replace("*", ".*"))
    return any(service == prefix and asked.fullmatch(it) for prefix, it in known)


@pytest.mark.parametrize("whose", ["wallet", "everything"])
def test_every_action_of_every_policy_exists(wallet: System, whose: str) -> None:
    tree = render(wallet if whose == "wallet" else everything())
    assert unknown(tree) == []
    listed = [it for text in tree.values() for it in _LISTS.findall(text) if _ACTION.search(it)]
    assert len(listed) > 50


def test_an_action_that_does_not_exist_is_found() -> None:
    text = 'statement {\n  actions = [\n    "s3:GetObject",\n    "s3:ReadObject",\n  ]\n}\n'
    assert unknown(Tree({"a.tf": text})) == ["a.tf: s3:ReadObject"]
