"""An environment, root after root: each reads what those before it left in the bucket of states."""

import re
from pathlib import Path

import pytest

from matapalo.blueprint import load
from matapalo.cloud.packaging import Target, build
from tests.cloud import given
from tests.cloud.conftest import WALLET
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Root, Terraform, kept, prepared
from tests.cloud.test_apply import rendered

pytestmark = [pytest.mark.timeout(1200), pytest.mark.soak]

# Databases want the network to be at their own emulator, which knows no setting of disks.
WITHOUT_DISKS = 'resource "aws_ebs_encryption_by_default" "this" {\n  count = 0\n}\n'
# Of a flow log this emulator keeps only where it goes; it is applied to the other one as well.
FLOW_LOG = "module.network.aws_flow_log."
# What is after them wants an emulator that has no databases: see test_door_applied.
ROOTS = ("access", "network", "platform", "products/accounts", "products/payments", "events")


def test_each_root_reads_what_those_before_it_left_and_none_changes_a_second_time(
    terraform: Terraform, emulators: Emulators, tmp_path: Path
) -> None:
    out = rendered(tmp_path, _without_links())
    given.over_http(out)
    (out / "modules/baseline/chain_override.tf").write_text(WITHOUT_DISKS)
    _packed(tmp_path, out / "packages")
    first = prepared(terraform, out, "bootstrap", emulators, only="ministack")
    first.plan()
    first.apply()
    kept(first, emulators)

    applied = [_applied(out, f"dev/{root}", terraform, emulators) for root in ROOTS]
    states = given.client("s3", emulators.ministack)
    keys = states.list_objects_v2(Bucket=first.outputs()["bucket"])["Contents"]
    assert {it["Key"] for it in keys} >= {f"dev/{root}.tfstate" for root in ROOTS}
    again = [it for root in applied for it in drift(root.plan())]
    assert [it for it in again if not it.startswith(FLOW_LOG)] == []


def _without_links() -> dict[str, str]:
    """Return what to replace in the wallet: no emulator has both a cluster and links elsewhere."""
    text = WALLET.read_text()
    links = text[text.index("  links:\n") : text.index("  restrictions:\n")]
    named = re.findall(r"\n +link: .*|(?<=security: ){link: .*}", text)
    return {links: ""} | {it: "" if it.startswith("\n") else "{}" for it in named}


def _packed(folder: Path, out: Path) -> None:
    """Pack the wallet's functions as `matapalo package` does."""
    assert list(build(load(WALLET, "dev", environ={}), folder, out, Target()))


def _applied(out: Path, path: str, terraform: Terraform, emulators: Emulators) -> Root:
    root = prepared(terraform, out, path, emulators, only="ministack", stays=True)
    root.plan()
    root.apply()
    return root
