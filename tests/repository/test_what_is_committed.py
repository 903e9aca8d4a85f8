"""What the repository itself promises."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def tracked() -> list[Path]:
    """Return every file that git keeps, but for what is not text."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_dependency_is_pinned_with_a_hash(lock: Path) -> None:
    pins = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert len(pins) > 40
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_an_index(lock: Path) -> None:
    assert "://" not in lock.read_text()


def test_what_runs_is_pinned_alike_for_the_tests() -> None:
    """Those of checkov are in an environment of its own."""
    dev, run = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / f"{name}.lock").read_text(), re.M))
        for name in ("dev", "run")
    )
    assert run
    assert run <= dev


def test_no_path_of_a_machine_is_kept() -> None:
    places = re.compile(r"/(?:work|root|home/\w+|Users/\w+)/")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path != Path(__file__)
        for match in places.finditer(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert found == []


def test_a_wheel_has_all_of_the_example_and_nothing_that_a_run_leaves_there() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = told["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    wallet = ROOT / "examples/wallet"
    kept = {path.relative_to(wallet).parts[0] for path in tracked() if wallet in path.parents}
    assert set(wheel) == {f"examples/wallet/{name}" for name in kept}
