"""`matapalo demo --exit` does what the README says of it."""

from pathlib import Path

import pytest

from tests.spine.wallet import copy_to, matapalo


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_demonstration_holds_its_claims_and_leaves_nothing_running(tmp_path: Path) -> None:
    blueprint = copy_to(tmp_path)
    done = matapalo(blueprint, "demo", "--exit", "--rate", "80", timeout=590)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "statements is at switched" in done.stdout
    assert "statements is at monolith" in done.stdout
    assert "limits is at switched" in done.stdout
    assert "payments is at following" in done.stdout
    assert "payments is at retired" in done.stdout
    assert done.stdout.count("held  ") == 11
    assert "BROKEN" not in done.stdout
    assert matapalo(blueprint, "status").returncode == 1
