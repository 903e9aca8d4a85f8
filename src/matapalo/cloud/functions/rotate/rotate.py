"""Draws a new value for a secret that only our own parts share.

Secrets Manager calls it four times for each renewal. Nobody has to be told of the new value but
those who read the secret, so that two of the four steps have nothing to do.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import os
from typing import Any

import boto3

PENDING, CURRENT = "AWSPENDING", "AWSCURRENT"


def handler(event: dict[str, Any], _context: object) -> None:
    """Do one step of a renewal. Raises KeyError for a step that nobody knows."""
    steps = {
        "createSecret": create,
        "setSecret": nothing,
        "testSecret": nothing,
        "finishSecret": finish,
    }
    steps[event["Step"]](
        boto3.client("secretsmanager"), event["SecretId"], event["ClientRequestToken"]
    )


def nothing(_manager: Any, _secret: str, _version: str) -> None:
    """Nobody else keeps this value."""


def create(manager: Any, secret: str, version: str) -> None:
    """Put a new value beside the current one; a second call finds it there."""
    if PENDING in stages(manager, secret).get(version, ()) and written(manager, secret, version):
        return
    drawn = manager.get_random_password(
        PasswordLength=int(os.environ.get("LENGTH", "48")), ExcludePunctuation=True
    )
    manager.put_secret_value(
        SecretId=secret,
        ClientRequestToken=version,
        SecretString=drawn["RandomPassword"],
        VersionStages=[PENDING],
    )


def finish(manager: Any, secret: str, version: str) -> None:
    """Make the new value the current one."""
    now = next((v for v, s in stages(manager, secret).items() if CURRENT in s), None)
    if now == version:
        return
    moved = {"RemoveFromVersionId": now} if now else {}
    manager.update_secret_version_stage(
        SecretId=secret, VersionStage=CURRENT, MoveToVersionId=version, **moved
    )


def stages(manager: Any, secret: str) -> dict[str, list[str]]:
    """Return the stages of each version."""
    found: dict[str, list[str]] = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
    return found


def written(manager: Any, secret: str, version: str) -> bool:
    """Whether a version has its value already."""
    try:
        manager.get_secret_value(SecretId=secret, VersionId=version, VersionStage=PENDING)
    except manager.exceptions.ResourceNotFoundException:
        return False
    return True
