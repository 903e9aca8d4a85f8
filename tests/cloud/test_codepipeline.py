"""Pipelines of CodePipeline: laid out, valid, planned."""

from pathlib import Path

import pytest

from matapalo.cloud import System, render
from matapalo.cloud.writing import write
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.given import client, over_http
from tests.cloud.terraform import Emulators, Root, Terraform, prepared

DOOR = {"site_bucket": "wallet-prod-site", "front_id": "E2EXAMPLE"}
WANTED = """pipelines: codepipeline
  connection: arn:aws:codeconnections:us-east-1:111111111111:connection/0abc"""
TRUST = '{"Version": "2012-10-17", "Statement": []}'

pytestmark = pytest.mark.timeout(600)


class Split(Emulators):
    """All at moto, whose CodePipeline looks for roles there; but buckets."""

    def endpoints(self, only: str | None = None) -> dict[str, str]:
        return super().endpoints("moto") | {"s3": self.ministack}


@pytest.fixture
def ours(tmp_path: Path) -> System:
    """The wallet, delivered by CodePipeline; a person lets it into prod."""
    text = WALLET.read_text()
    assert "pipelines: github-actions" in text
    path = tmp_path / "matapalo.yaml"
    path.write_text(text.replace("pipelines: github-actions", WANTED))
    for each in WALLET.parent.iterdir():
        if each.name != path.name:
            (tmp_path / each.name).symlink_to(each)
    return system_from(path)


@pytest.fixture
def aws(ours: System, tmp_path: Path) -> Path:
    """It, rendered."""
    out = tmp_path / "aws"
    write(out, render(ours))
    return out


@pytest.fixture
def root(aws: Path, terraform: Terraform, emulators: Emulators) -> Root:
    """The root of prod, its roles there, as `access` and `delivery` leave them."""
    iam = client("iam", emulators.moto)
    text = (aws / "roots/prod/pipelines/main.tf").read_text()
    names = {line.split('"')[1] for line in text.splitlines() if line.strip().startswith("role ")}
    for name in names:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    over_http(aws)
    split = Split(emulators.ministack, emulators.moto)
    return prepared(terraform, aws, "prod/pipelines", split, remote={"prod/door": DOOR})


def test_what_is_rendered_is_laid_out_as_terraform_does_it(aws: Path, terraform: Terraform) -> None:
    for folder in ("roots/prod/pipelines", "roots/dev/pipelines", "modules/pipeline"):
        assert terraform(aws / folder, "fmt", "-check", "-diff") == ""


def test_pipelines_can_be_planned(root: Root) -> None:
    """They stay at plan: moto wants a place of every source, which the provider never sends for one
    that a pipeline hands over."""
    root.validate()
    made = [it["change"]["after"] for it in root.plan()["resource_changes"]]
    names = {each["name"] for each in made if each and "pipeline_type" in each}
    assert {"wallet-prod-infra-roots", "wallet-prod-infra-drift"} < names
    assert "wallet-prod-deliver-site" in names


def test_only_where_it_is_asked_for_a_person_is_asked(ours: System) -> None:
    tree = render(ours)
    assert "approve" in tree["roots/prod/pipelines/main.tf"]
    assert "approve" not in tree["roots/dev/pipelines/main.tf"]


def test_a_render_has_the_pipelines_of_one_host_only(ours: System, wallet: System) -> None:
    assert not [path for path in render(ours) if path.startswith(".github/")]
    assert not [path for path in render(wallet) if "buildspec" in path or "/pipelines/" in path]


def test_a_render_of_one_environment_has_its_pipelines_as_a_whole_one_has(ours: System) -> None:
    path = "roots/prod/pipelines/main.tf"
    assert render(ours, ["prod"])[path] == render(ours)[path]


def test_no_pipeline_applies_what_it_has_its_rights_from(ours: System) -> None:
    text = render(ours)["roots/prod/pipelines/main.tf"]
    for by_hand in ("access", "delivery", "pipelines"):
        assert f'"roots/prod/{by_hand}"' not in text
    assert '"codepipeline:*"' not in render(ours)["roots/prod/access/main.tf"]
