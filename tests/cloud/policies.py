"""Policies as IAM reads them: actions that exist, on resources that they can be about."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from parliament import analyze_policy_string

from tests.cloud.terraform import Root

POLICIES = {
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_s3_bucket_policy": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_sqs_queue_policy": "policy",
}
"""Which attribute of what is a policy with actions and resources."""


def faults(root: Root, answered: Collection[str] = ()) -> list[str]:
    """Return what a lint finds in the policies that a root made, each with its address.

    `answered` names statements that may be as they are.
    """
    state = json.loads(root.terraform(root.folder, "show", "-json"))
    return [
        f"{resource['address']}: {finding.issue} {finding.detail}"
        for resource in _resources(state["values"]["root_module"])
        if (policy := POLICIES.get(resource["type"]))
        for finding in _findings(resource["values"][policy], answered)
    ]


def _findings(policy: str, answered: Collection[str]) -> Any:
    told = json.loads(policy)
    left = [it for it in told["Statement"] if it.get("Sid") not in answered]
    return analyze_policy_string(json.dumps({**told, "Statement": left})).findings if left else ()


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)
