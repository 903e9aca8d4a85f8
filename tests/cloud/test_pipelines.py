"""Pipelines pass the linters of their kinds, and roles give each pipeline its own work only."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matapalo.cloud import System, render

BIN = Path(sys.executable).parent


def program(name: str) -> str:
    found = shutil.which(name, path=f"{BIN}:/usr/bin:/usr/local/bin")
    assert found, f"{name} comes with the development dependencies"
    return found


@pytest.fixture
def written(wallet: System, tmp_path: Path) -> Path:
    for path, text in render(wallet).items():
        if path.startswith((".github/", "pipelines/", "kubernetes/apply")):
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    return tmp_path


def test_workflows_hold_nothing_that_zizmor_finds(written: Path) -> None:
    """What is low is left: it wants `$/` for workflows of the own repository, which older servers
    of GitHub do not know."""
    done = subprocess.run(
        [program("zizmor"), "--offline", "--min-severity", "medium", str(written / ".github")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_scripts_hold_nothing_that_shellcheck_finds(written: Path) -> None:
    scripts = sorted(written.rglob("*.sh"))
    assert len(scripts) >= 5
    for script in scripts:
        done = subprocess.run(
            [program("shellcheck"), "--severity", "warning", script],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_every_action_is_pinned_to_a_commit(written: Path) -> None:
    for flow in sorted((written / ".github").rglob("*.yml")):
        for line in flow.read_text().splitlines():
            _, found, action = line.partition("uses: ")
            if found and not action.startswith("./"):
                assert len(action.split()[0].partition("@")[2]) == 40, f"{flow.name}: {action}"


def test_nobody_but_who_delivers_it_may_touch_a_function(wallet: System) -> None:
    roles = render(wallet)["roots/prod/delivery/main.tf"]
    lines = [line for line in roles.splitlines() if ":function:" in line]
    assert lines
    assert all("function:wallet-prod-payments-limits" in line for line in lines)


def test_a_role_of_prod_is_taken_by_no_workflow_of_dev(wallet: System) -> None:
    tree = render(wallet)
    for path in ("roots/prod/access/main.tf", "roots/prod/delivery/main.tf"):
        subjects = [line for line in tree[path].splitlines() if "repo:" in line]
        assert subjects
        assert all("environment:prod" in line for line in subjects)
