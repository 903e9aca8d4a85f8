"""What roles may do: in every partition of AWS, and never to themselves."""

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from parliament import analyze_policy_string

from matapalo.cloud import Scene, System, render
from matapalo.cloud.roots import access, rights
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.terraform import Emulators, Terraform, prepared

REGIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}


def moved(scene: Scene, region: str) -> Scene:
    """Return an environment as it would be in another region."""
    there = scene.it.model_copy(update={"region": region})
    environments = {**scene.blueprint.environments, scene.environment: there}
    return replace(
        scene, blueprint=scene.blueprint.model_copy(update={"environments": environments})
    )


@pytest.mark.parametrize(("region", "partition"), REGIONS.items())
def test_an_arn_is_of_its_regions_partition(wallet: System, region: str, partition: str) -> None:
    there = moved(wallet.first, region)
    assert rights.arn(there, "sqs", "it").text.startswith(f'"arn:{partition}:sqs:{region}:')
    path = f"roots/{there.environment}/access/main.tf"
    text = access.render(replace(wallet, scenes=(there,)), there)[path]
    assert f"arn:{partition}:s3:::" in text
    assert text.count("arn:") == text.count(f"arn:{partition}:")


def test_no_root_takes_a_partition_for_granted() -> None:
    china = system_from(WALLET)
    texts = render(replace(china, scenes=tuple(moved(s, "cn-north-1") for s in china.scenes)))
    roots = {path: text for path, text in texts.items() if path.endswith(".tf")}
    modules = [
        path for path, text in roots.items() if "arn:aws:" in text and "variables" not in path
    ]
    assert modules == []


@pytest.mark.timeout(600)
def test_the_pipeline_of_infrastructure_changes_no_pipelines_rights(
    aws: Path, terraform: Terraform, emulators: Emulators
) -> None:
    """IAM refuses what is denied, whatever else is allowed."""
    root = prepared(terraform, aws, "prod/access", emulators)
    root.plan()
    root.apply()
    state = json.loads(terraform(root.folder, "show", "-json"))
    (policy,) = [
        json.loads(it["values"]["policy"])
        for child in state["values"]["root_module"]["child_modules"]
        for it in child["resources"]
        if it["address"].startswith("module.infrastructure.aws_iam_role_policy")
    ]
    (denied,) = [it for it in policy["Statement"] if it["Effect"] == "Deny"]
    # The account is whichever the emulator of the security tokens says.
    account = denied["Resource"][0].split(":")[4]
    for name in ("infrastructure", "plan", "deliver-payments-pay", "infra-roots"):
        arn = f"arn:aws:iam::{account}:role/wallet-prod-{name}"
        for action in ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PassRole"):
            assert not allowed(policy, f"iam:{action}", arn), (action, name)
    pods = f"arn:aws:iam::{account}:role/wallet-prod-payments-pay"
    assert allowed(policy, "iam:PutRolePolicy", pods)
    assert not allowed(policy, "iam:PutRolePolicy", pods.replace("wallet-prod", "other"))
    findings = analyze_policy_string(json.dumps(policy)).findings
    assert [str(it) for it in findings if it.issue in {"MALFORMED", "UNKNOWN_ACTION"}] == []


def allowed(policy: dict[str, list[dict[str, object]]], action: str, arn: str) -> bool:
    """Return what IAM decides, of statements without conditions."""
    found = {
        str(it["Effect"])
        for it in policy["Statement"]
        if "Condition" not in it
        and any(fnmatchcase(action, one) for one in listed(it["Action"]))
        and any(fnmatchcase(arn, one) for one in listed(it["Resource"]))
    }
    return "Allow" in found and "Deny" not in found


def listed(value: object) -> list[str]:
    return [str(it) for it in value] if isinstance(value, list) else [str(value)]
