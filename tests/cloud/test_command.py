"""`matapalo render` as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

SMALL = """\
name: small
monolith: {url: "https://monolith.example"}
environments:
  prod: {region: us-east-1}
"""


def matapalo(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "matapalo", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_what_it_wrote_and_what_to_do_next_in_order(tmp_path: Path) -> None:
    (tmp_path / "matapalo.yaml").write_text(SMALL)
    done = matapalo(tmp_path, "render")
    assert done.returncode == 0, done.stderr
    steps = [line.strip() for line in done.stdout.splitlines() if "/aws/roots/" in line]
    assert [step.rpartition("roots/")[2] for step in steps][:2] == ["bootstrap", "prod/network"]
    assert all(Path(step).is_dir() for step in steps)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "matapalo.yaml").write_text(SMALL)
    done = matapalo(tmp_path, "render", "--dry-run", "--json")
    said = json.loads(done.stdout)
    assert said["new"]
    assert not said["written"]
    assert not (tmp_path / "aws").exists()


def test_a_bad_blueprint_is_refused_before_a_file_is_written(tmp_path: Path) -> None:
    bad = SMALL + "network: {cidr: 10.0.0.0/28}\n"
    (tmp_path / "matapalo.yaml").write_text(bad)
    done = matapalo(tmp_path, "render")
    assert done.returncode == 1
    assert "network" in done.stderr
    assert not (tmp_path / "aws").exists()


def test_addresses_on_both_sides_of_a_link_are_refused(tmp_path: Path) -> None:
    link = "{kind: vpn, gateway: 203.0.113.1, cidrs: [10.20.8.0/24]}"
    (tmp_path / "matapalo.yaml").write_text(SMALL + f"network: {{links: {{office: {link}}}}}\n")
    done = matapalo(tmp_path, "render")
    assert done.returncode == 1
    assert "overlaps" in done.stderr
    assert not (tmp_path / "aws").exists()


def test_an_environment_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "matapalo.yaml").write_text(SMALL)
    done = matapalo(tmp_path, "render", "--env", "produ")
    assert done.returncode == 1
    assert "prod" in done.stderr
