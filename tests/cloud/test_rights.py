"""What roles may do: in every partition of AWS, and never to themselves."""

import json
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from matapalo.cloud import Scene, System, render
from matapalo.cloud.roots import access, rights
from tests.cloud import policies
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.given import everything
from tests.cloud.terraform import Emulators, Root, Terraform, prepared

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


def test_the_pipeline_makes_the_roles_of_dms_only_where_it_copies(wallet: System) -> None:
    told = {
        s.blueprint.name: render(s)["roots/prod/access/main.tf"] for s in (wallet, everything())
    }
    assert all(f":role/{name}" in told["everything"] for name in access.NAMED)
    copies = any(it.stream == "dms" for it in wallet.scenes[-1].blueprint.slices.values())
    assert (":role/dms-" in told["wallet"]) == copies


@pytest.mark.timeout(600)
def test_the_pipeline_of_infrastructure_gives_nobody_more_than_it_may(
    aws: Path, terraform: Terraform, emulators: Emulators
) -> None:
    """IAM refuses what is denied, whatever else is allowed."""
    root = prepared(terraform, aws, "prod/access", emulators)
    root.plan()
    root.apply()
    wrong = ("MALFORMED", "UNKNOWN_ACTION")
    assert [it for it in policies.faults(root) if any(word in it for word in wrong)] == []
    made = _policies(root)
    pipeline, boundary = made["infrastructure"], made["boundary"]
    (own,) = [it for it in pipeline["Statement"] if it["Sid"] == "OwnRights"]
    home = own["Resource"][0].rpartition(":")[0]
    bounded = f"{home}:policy/wallet-prod-boundary"

    for name in ("infrastructure", "plan", "deliver-payments-pay", "infra-roots"):
        arn = f"{home}:role/wallet-prod-{name}"
        for action in ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PassRole"):
            assert not allowed(pipeline, f"iam:{action}", arn, bounded), (action, name)
        assert not allowed(boundary, "iam:PassRole", arn)
        assert not allowed(boundary, "sts:AssumeRole", arn)

    pods = f"{home}:role/wallet-prod-payments-pay"
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy"):
        assert allowed(pipeline, f"iam:{action}", pods, bounded)
        assert not allowed(pipeline, f"iam:{action}", pods, None)
        assert not allowed(pipeline, f"iam:{action}", pods, bounded.replace("boundary", "pay"))
        assert not allowed(pipeline, f"iam:{action}", pods.replace("wallet-prod", "a"), bounded)
        assert not allowed(boundary, f"iam:{action}", pods)
    for action in ("CreatePolicyVersion", "DeletePolicy", "SetDefaultPolicyVersion"):
        assert not allowed(pipeline, f"iam:{action}", bounded)
    assert not allowed(pipeline, "iam:DeleteRolePermissionsBoundary", pods)
    assert not allowed(pipeline, "iam:CreateUser", f"{home}:user/wallet-prod-x")
    # What pods, functions and EKS do.
    for action in ("s3:PutObject", "iam:CreateInstanceProfile", "lambda:InvokeFunction"):
        assert allowed(boundary, action, "arn:aws:x")


def test_every_role_that_a_pipeline_makes_has_a_boundary(wallet: System) -> None:
    texts = render(wallet)
    bounded, called = set(), set()
    for path, text in texts.items():
        of, _, rest = path.partition("/")
        module = rest.partition("/")[0]
        if of == "modules" and not module.startswith("pipeline"):
            roles = text.count('resource "aws_iam_role" ')
            assert roles == text.count("permissions_boundary = var.boundary_arn"), path
            bounded |= {module} if roles else set()
    calls = re.compile(
        r'^module "\w+" \{\n(?:  for_each = .*?\n)?  +source += "[./]+modules/([\w-]+)"(.*?)^\}',
        re.M | re.S,
    )
    for path, text in texts.items():
        if path.startswith(("roots/dev", "roots/prod")):
            for module, given in calls.findall(text):
                called.add(module)
                assert ("boundary_arn" in given) == (module in bounded), (path, module)
    assert called >= bounded >= {"function", "pod-role", "cluster", "aurora"}


def _policies(root: Root) -> dict[str, Any]:
    """Return the policies that a root made, by the module that made them."""
    state = json.loads(root.terraform(root.folder, "show", "-json"))
    return {
        child["address"].removeprefix("module."): json.loads(it["values"]["policy"])
        for child in state["values"]["root_module"]["child_modules"]
        for it in child["resources"]
        if it["type"] in ("aws_iam_policy", "aws_iam_role_policy")
    }


def allowed(policy: dict[str, Any], action: str, arn: str, boundary: str | None = "") -> bool:
    """Return what IAM decides; `boundary` is that of the role which is asked about.

    A condition that says `ArnNotEquals` holds where there is no boundary at all.
    """
    found = {
        it["Effect"]
        for it in policy["Statement"]
        if any(fnmatchcase(action, one) for one in listed(it["Action"]))
        and any(fnmatchcase(arn, one) for one in listed(it["Resource"]))
        and _holds(it.get("Condition", {}), boundary)
    }
    return "Allow" in found and "Deny" not in found


def _holds(condition: dict[str, Any], boundary: str | None) -> bool:
    if not condition:
        return True
    (wanted,) = (it.get("iam:PermissionsBoundary") for it in condition.values())
    return wanted is not None and boundary not in listed(wanted)


def listed(value: object) -> list[str]:
    return [str(it) for it in value] if isinstance(value, list) else [str(value)]
