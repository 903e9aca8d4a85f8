"""Who plans, applies and delivers: roles that are applied to an emulator, and may do no more."""

from pathlib import Path

import pytest

from matapalo.cloud import Scene, System, render
from matapalo.cloud.writing import write
from tests.cloud import given, policies
from tests.cloud.drift import drift
from tests.cloud.given import client
from tests.cloud.terraform import Emulators, Terraform, prepared
from tests.cloud.test_codepipeline import by_codepipeline

ANSWERED = {
    "Makes": "the pipeline makes and unmakes what AWS names only then",
    "Looks": "reads of IAM, before anything there is changed",
    "Watch": "reads alarms; AWS may want the right to all of them",
}
"""Statements that may be about everything, each with the reason."""

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]


@pytest.fixture(params=["github", "codepipeline", "everything"])
def system(request: pytest.FixtureRequest, wallet: System, tmp_path: Path) -> System:
    """The wallet, delivered by GitHub or on AWS; and one with every kind of thing to deliver."""
    if request.param == "codepipeline":
        return by_codepipeline(tmp_path / "wallet")
    return wallet if request.param == "github" else given.everything()


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_who_delivers_is_made_once_and_by_policies_that_are_sound(
    system: System, terraform: Terraform, emulators: Emulators, tmp_path: Path, environment: str
) -> None:
    scene = next(each for each in system.scenes if each.environment == environment)
    write(tmp_path / "aws", render(system))
    _cluster(scene, emulators)
    for name in ("access", "delivery"):
        root = prepared(
            terraform,
            tmp_path / "aws",
            f"{environment}/{name}",
            emulators,
            only="ministack",
            remote=given.remote(scene),
        )
        root.plan()
        root.apply()
        assert drift(root.plan()) == []
        assert policies.faults(root, ANSWERED) == []


def _cluster(scene: Scene, emulators: Emulators) -> None:
    """Make the cluster that `platform` would: who delivers is let into it."""
    iam = client("iam", emulators.ministack, scene.region)
    role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    subnets = given.network(scene, emulators.ministack)["private_subnet_ids"]
    client("eks", emulators.ministack, scene.region).create_cluster(
        name=scene.names.of("cluster"),
        roleArn=role,
        resourcesVpcConfig={"subnetIds": subnets},
    )
