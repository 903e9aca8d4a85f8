"""What is rendered can be applied: by the real Terraform and its real provider, to emulators."""

import json
from pathlib import Path

import pytest

from matapalo.cloud import render
from matapalo.cloud.writing import write
from tests.cloud import given, seed
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Failed, Terraform, changes, kept, prepared

GROUPS = ("Wallet Developers", "Platform", "Platform On Call", "Security")

pytestmark = pytest.mark.timeout(600)


def rendered(folder: Path, numbers: dict[str, str]) -> Path:
    """Render the wallet with other numbers than its own, or other words, into a folder."""
    text = WALLET.read_text()
    for old, new in numbers.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "matapalo.yaml").write_text(text)
    for name in ("functions", "site", "monolith", "pay", "statements"):
        if not (folder / name).exists():
            (folder / name).symlink_to(WALLET.parent / name)
    out = folder / "aws"
    write(out, render(system_from(folder / "matapalo.yaml")), force=True)
    return out


def test_the_bucket_of_the_states_is_made_and_keeps_its_own(
    aws: Path, terraform: Terraform, emulators: Emulators
) -> None:
    given.over_http(aws)
    root = prepared(terraform, aws, "bootstrap", emulators)
    root.plan()
    root.apply()
    bucket = root.outputs()["bucket"]
    kept(root, emulators)
    assert changes(root.plan()) == {}

    states = seed.client(emulators, "s3", at="ministack")
    held = {"ID": "1", "Operation": "Apply", "Who": "ana@laptop", "Created": "2026-01-01T00:00:00Z"}
    lock = {"Bucket": bucket, "Key": "bootstrap.tfstate.tflock"}
    states.put_object(**lock, Body=json.dumps(held).encode())
    with pytest.raises(Failed, match="ana@laptop"):
        root.plan()
    states.delete_object(**lock)
    assert changes(root.plan()) == {}


@pytest.mark.soak
def test_an_organization_is_adopted_with_its_account_and_nothing_of_it_is_made_anew(
    tmp_path: Path, terraform: Terraform, emulators: Emulators
) -> None:
    groups = [f"{group}@corp.totumo.example" for group in GROUPS]
    aws = rendered(tmp_path, seed.organization(emulators, groups))
    root = prepared(terraform, aws, "organization", emulators, only="moto")
    planned = changes(root.plan())
    adopted = [
        "module.organization.aws_organizations_organization.this",
        "module.account_management.aws_organizations_account.this",
        "module.account_analytics.aws_organizations_account.this",
    ]
    assert all(planned.get(address, ("update",)) == ("update",) for address in adopted)
    root.apply()
    assert len(root.outputs()["accounts"]) == 7
    assert drift(root.plan()) == []


@pytest.mark.soak
def test_the_network_of_dev_is_made_and_stays_as_it_is(
    tmp_path: Path, terraform: Terraform, emulators: Emulators
) -> None:
    aws = rendered(tmp_path, seed.transit_gateway(emulators))
    root = prepared(terraform, aws, "dev/network", emulators)
    root.plan()
    root.apply()
    assert len(root.outputs()["private_subnet_ids"]) == 3
    assert drift(root.plan()) == []
