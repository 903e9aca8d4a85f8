"""A product is applied to an emulator whole: what it keeps, does, and may; its function answers.
Renamed with all that is in it, it is the same.

The function is the wallet's own, packed as `matapalo package` packs it, and asks a monolith.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from matapalo.blueprint import load
from matapalo.cloud import Scene
from matapalo.cloud.packaging import Target, build
from tests.cloud import given, policies
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Terraform, prepared
from tests.cloud.test_apply import rendered
from tests.cloud.web import answering

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]

RENAMED = {
    "  payments:\n    description: M": "  money:\n    formerly: [payments]\n    description: M",
    "      pay:\n": "      charge:\n        formerly: [pay]\n",
    "to: payments/pay": "to: money/charge",
    "      limits:\n": "      most:\n        formerly: [limits]\n",
    "to: payments/limits": "to: money/most",
    "{secret: internal}": "{secret: within}",
    "  internal:": "  within:\n    formerly: [internal]",
}

ACCOUNTS = {"customer": {"level": 2}, "accounts": [{"paid_today": 1_500_000}]}


@pytest.fixture
def monolith() -> Iterator[str]:
    """Where a monolith answers, that tells what Ana's accounts are, to Ana."""
    with answering(_accounts) as url:
        yield url


def _accounts(path: str, headers: Mapping[str, str]) -> tuple[int, object]:
    known = (path, headers.get("authorization")) == ("/api/accounts", "Bearer ana")
    return (200, ACCOUNTS) if known else (401, {"error": "unknown"})


def test_a_product_is_made_and_its_function_answers_and_nobody_may_more_than_he_needs(
    terraform: Terraform, emulators: Emulators, monolith: str, tmp_path: Path
) -> None:
    out = rendered(tmp_path, {"http://10.1.20.15:8080": monolith})
    given.over_http(out)
    prod = _prod(tmp_path)
    _packed(tmp_path, out / "packages")
    _cluster(prod, emulators)
    platform: Any = given.platform(prod, emulators.ministack)
    told = {"prod/network": given.network(prod, emulators.ministack), "prod/platform": platform}
    root = prepared(
        terraform, out, "prod/products/payments", emulators, only="ministack", remote=told
    )
    root.plan()
    root.apply()
    assert drift(root.plan()) == []
    assert policies.faults(root) == []
    made = root.outputs()

    secrets = {*made["store_secret_arns"].values(), platform["secret_arns"]["internal"]}
    assert _may(emulators, made["pod_roles"]["pay"]) == {
        "secretsmanager:DescribeSecret": secrets,
        "secretsmanager:GetSecretValue": secrets,
        "kms:Decrypt": {platform["key_arns"]["secrets"]},
    }

    lambdas = given.client("lambda", emulators.ministack, prod.region)
    live = made["function_arns"]["limits"]
    assert live.endswith(":live")
    status, quote = _asked(lambdas, live, "/api/quotes", amount="50000")
    assert (status, quote["total"]) == (200, 54_000)
    status, limits = _asked(lambdas, live, "/api/limits", "ana")
    assert (status, limits["left_today"]) == (200, 6_500_000)
    assert _asked(lambdas, live, "/api/limits", "mallory")[0] == 401

    rendered(tmp_path, {"http://10.1.20.15:8080": monolith, **RENAMED})
    given.over_http(out)
    root.init()
    assert drift(root.plan()) == []
    assert root.outputs() == made


def _prod(folder: Path) -> Scene:
    system = system_from(folder / "matapalo.yaml")
    return next(scene for scene in system.scenes if scene.environment == "prod")


def _packed(folder: Path, out: Path) -> None:
    """Pack the wallet's functions; the authorizer, whose imports are fetched, is the door's."""
    blueprint = load(WALLET, "prod", environ={}).model_copy(update={"security": None})
    assert out / "functions/payments/limits.zip" in list(build(blueprint, folder, out, Target()))


def _cluster(scene: Scene, emulators: Emulators) -> None:
    """Make the cluster that pods' roles are bound to; it is the platform's."""
    iam, eks = (given.client(n, emulators.ministack, scene.region) for n in ("iam", "eks"))
    role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name=scene.names.prefix, roleArn=role, resourcesVpcConfig={})


def _may(emulators: Emulators, role: str) -> dict[str, set[str]]:
    """Return the resources that a role may do something with, by what it may do."""
    iam = given.client("iam", emulators.ministack)
    policy = iam.get_role_policy(RoleName=role.rpartition("/")[2], PolicyName="may")
    found: dict[str, set[str]] = {}
    for it in policy["PolicyDocument"]["Statement"]:
        for action in _listed(it["Action"]):
            found.setdefault(action, set()).update(_listed(it["Resource"]))
    return found


def _listed(it: str | list[str]) -> list[str]:
    return [it] if isinstance(it, str) else it


def _asked(lambdas: Any, function: str, path: str, user: str = "", **query: str) -> Any:
    """Return what a function answers when API Gateway calls it: its status, and its words."""
    event = {
        "version": "2.0",
        "rawPath": path,
        "headers": {"authorization": f"Bearer {user}"} if user else {},
        "queryStringParameters": query,
        "requestContext": {"http": {"method": "GET", "path": path}},
    }
    said = lambdas.invoke(FunctionName=function, Payload=json.dumps(event))
    answer = json.load(said["Payload"])
    assert "FunctionError" not in said, answer
    return answer["statusCode"], json.loads(answer["body"])
