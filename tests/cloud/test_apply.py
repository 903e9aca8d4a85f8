"""What is rendered can be applied: by the real Terraform and its real provider, to emulators."""

from pathlib import Path

from tests.cloud.terraform import Emulators, Terraform, changes, prepared


def test_the_bucket_of_the_states_is_made_and_stays_as_it_is(
    aws: Path, terraform: Terraform, emulators: Emulators
) -> None:
    root = prepared(terraform, aws, "bootstrap", emulators)
    root.plan()
    root.apply()
    assert root.outputs()["bucket"].startswith("wallet-state-")
    assert changes(root.plan()) == {}


def test_the_network_of_dev_is_made_and_stays_as_it_is(
    aws: Path, terraform: Terraform, emulators: Emulators
) -> None:
    root = prepared(terraform, aws, "dev/network", emulators)
    root.plan()
    root.apply()
    assert len(root.outputs()["private_subnet_ids"]) == 3
    assert changes(root.plan()) == {}
