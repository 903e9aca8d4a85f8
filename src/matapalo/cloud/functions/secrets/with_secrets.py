"""Puts the values of secrets into variables, and then begins the function: it finds on AWS what it
finds on a laptop.

MATAPALO_SECRETS names them: `{"TOKEN": {"arn": …}, "USER": {"arn": …, "field": "username"}}`. A
function that runs keeps what it began with, as a pod does; new ones begin with new values.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
"""

import json
import os
import sys
from typing import Any

# Where the older of Lambda's Pythons have it.
sys.path.append("/var/runtime")

import boto3


def values(wanted: dict[str, dict[str, str]], manager: Any) -> dict[str, str]:
    """Return the values by variable; each secret is asked for once."""
    texts = {arn: text(arn, manager) for arn in sorted({it["arn"] for it in wanted.values()})}
    return {name: value(texts[it["arn"]], it.get("field")) for name, it in wanted.items()}


def text(arn: str, manager: Any) -> str:
    """Return what a secret holds. Ends the function's start where nobody has put anything in."""
    try:
        held: str | None = manager.get_secret_value(SecretId=arn).get("SecretString")
    except manager.exceptions.ResourceNotFoundException:
        held = None
    if held is None:
        sys.exit(f"{arn} has no value yet: aws secretsmanager put-secret-value --secret-id {arn}")
    return held


def value(held: str, field: str | None) -> str:
    """Return a field of a secret that is JSON, or all of it."""
    return str(json.loads(held)[field]) if field else held


if __name__ == "__main__":
    found = values(json.loads(os.environ["MATAPALO_SECRETS"]), boto3.client("secretsmanager"))
    os.execve(sys.argv[1], sys.argv[1:], {**os.environ, **found})  # noqa: S606 - no shell is meant
