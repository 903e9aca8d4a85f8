"""What all products stand on can be applied: keys, secrets, logs, cluster, images, ledger."""

from pathlib import Path

import pytest

from matapalo.cloud import System, render
from matapalo.cloud.packaging.zips import zipped
from matapalo.cloud.writing import write
from tests.cloud import given, policies
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Root, Terraform, prepared

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]


@pytest.fixture
def root(wallet: System, terraform: Terraform, emulators: Emulators, tmp_path: Path) -> Root:
    """The platform of prod, its network as the emulator made it."""
    prod = next(each for each in wallet.scenes if each.environment == "prod")
    out = tmp_path / "aws"
    write(out, render(wallet))
    given.over_http(out)
    packages = out / "packages"
    packages.mkdir()
    for name in ("rotate", "secrets"):
        (packages / f"{name}.zip").write_bytes(zipped({f"{name}.py": b""}))
    told = {"prod/network": given.network(prod, emulators.ministack)}
    return prepared(terraform, out, "prod/platform", emulators, only="ministack", remote=told)


def test_the_platform_is_made_and_stays_as_it_is_and_its_policies_are_sound(root: Root) -> None:
    root.plan()
    root.apply()
    told = root.outputs()
    assert set(told["key_arns"]) >= {"stores", "secrets", "logs", "events", "images"}
    assert policies.faults(root) == []
    assert drift(root.plan()) == []
